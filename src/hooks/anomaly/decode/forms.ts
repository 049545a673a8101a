import { Characters } from './characters.ts'
import { bestFit, compatible, inClass, inUnitClass, unseen } from './ranges.ts'

/** Any of what is read in another form: as one class that is quick on most texts. */
const any = new RegExp(
  `[${inUnitClass(compatible)}${inUnitClass(unseen)}${Object.keys(bestFit).join('')}]`,
)

/** Full width is ASCII, so much higher: all other forms need Unicode's tables. */
const fullWidth = { from: 0xff01, to: 0xff5e, above: 0xfee0 }
const others = compatible.filter(([from]) => from !== fullWidth.from)
const runs = new RegExp(`[${inClass(others)}]+`, 'gu')

/** Whether there is such a form, in halves of surrogate pairs: of mathematical and enclosed letters. */
const anyOther = new RegExp(
  `[${inUnitClass(others.filter(([from]) => from < 0x10000))}\\ud835]|\\ud83c[\\udd00-\\udd69]`,
)

/** Tags, which are seen as little, but are no single unit. */
const tags = /[\u{e0000}-\u{e0fff}]+/gu
const anyTag = /[\udb40-\udb43]/

/** Of a character that is not seen. */
const nothing = 1

/** By UTF-16 unit: what it is written as, `nothing` for what is not seen, 0 for itself. */
const written = writtenUnits()

function writtenUnits(): Uint16Array {
  const units = new Uint16Array(0x10000)
  for (const [from, to] of unseen) if (to < 0x10000) units.fill(nothing, from, to + 1)
  for (const [form, plain] of Object.entries(bestFit))
    units[form.charCodeAt(0)] = plain.charCodeAt(0)
  for (let code = fullWidth.from; code <= fullWidth.to; code++) units[code] = code - fullWidth.above
  return units
}

/** Writes ASCII for every other form of it, and takes out the characters that hide words. */
export function plainForms(text: string): string {
  if (!any.test(text)) return text
  const folded = anyOther.test(text) ? text.replace(runs, (run) => run.normalize('NFKC')) : text
  const plain = plainUnits(folded)
  if (!anyTag.test(plain)) return plain
  return plain.replace(tags, (run, at: number) =>
    isAscii(plain.charCodeAt(at - 1)) || isAscii(plain.charCodeAt(at + run.length)) ? '' : run,
  )
}

function plainUnits(text: string): string {
  const first = Math.max(0, text.search(any))
  const read = new Characters(text, first)
  for (let at = first; at < text.length; ) {
    const code = text.charCodeAt(at)
    const plain = written[code] ?? 0
    if (plain !== nothing) {
      read.add(plain === 0 ? code : plain)
      at++
      continue
    }
    const end = endOfUnseen(text, at)
    if (!isAscii(unitAt(text, at - 1)) && !isAscii(unitAt(text, end)))
      for (let kept = at; kept < end; kept++) read.add(text.charCodeAt(kept))
    at = end
  }
  return read.toString()
}

function endOfUnseen(text: string, start: number): number {
  let at = start
  while (at < text.length && written[text.charCodeAt(at)] === nothing) at++
  return at
}

/** What a unit is written as, past either end of the text a character that is no ASCII. */
function unitAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return written[code] || code
}

/** Between letters of other scripts a joiner is spelling: Hindi and Persian cannot do without. */
const isAscii = (code: number): boolean => code > 0x20 && code < 0x7f
