import { endBefore, isExpressionEnd, isNamePart, startOfName } from '../callee.ts'
import { tellers } from './tellers.ts'

/** Names that prose has in front of a bracket too: only there a space between tells nothing. */
const spoken: ReadonlySet<string> = new Set(tellers.split('|'))

/** Brackets of a text that are looked at. */
const mostBrackets = 256

/** Whether a text calls anything, or does what stands for a call. */
export function mayCall(lower: string): boolean {
  if (/[`=\\]/.test(lower) || lower.includes('![]')) return true
  let at = lower.indexOf('(')
  for (let looks = 0; at >= 0 && looks < mostBrackets; looks += 1) {
    if (isCall(lower, at)) return true
    at = lower.indexOf('(', at + 1)
  }
  return false
}

function isCall(lower: string, bracket: number): boolean {
  const end = endBefore(lower, bracket)
  const before = lower.charCodeAt(end - 1)
  if (end === bracket) return isNamePart(before) || isExpressionEnd(before) || before === 46
  return (
    isExpressionEnd(before) ||
    (isNamePart(before) && spoken.has(lower.slice(startOfName(lower, end), end)))
  )
}

/** One of these is in all that an attack does: prose in brackets need not be read as code. */
const worthReading = new RegExp(
  `${tellers}|\\/\\.source|['"]\\s{0,4}\\+|constructor|fromcharcode|document|location|import|onerror|fetch|sendbeacon|getscript|globaleval|\\\\[ux\\d]|['"\`/]\\s{0,8}[+.)\\]]|\\)\\s{0,8}[(\`]|[\\w\\])]\`|\\[\\]|\\{\\(`,
)

/** The same for long texts, as words: to look for a word is quicker than for any of several. */
const words = [
  'alert',
  'confirm',
  'prompt',
  'eval',
  'constructor',
  'onerror',
  'location',
  'document.',
  'import(',
  'fromcharcode',
  'atob',
  '.getscript',
  '![]',
  ')(',
  '](',
  "'(",
  '"(',
  ')`',
  '\\u00',
  '\\x',
]

/** Texts up to that length are read whole; of longer ones what is around the words. */
const short = 1024
const before = 128
const behind = 256

/** What is read of a long text, in characters. */
const mostRead = 1536

/** The stretches of a text that are worth reading as JavaScript. */
export function stretchesOf(lower: string): readonly string[] {
  if (!mayCall(lower)) return []
  if (lower.length <= short) return worthReading.test(lower) ? [lower] : []
  const stretches: string[] = []
  let left = mostRead
  let seen = -1
  for (const place of placesOf(lower)) {
    if (place < seen) continue
    const from = Math.max(0, place - before, seen)
    seen = place + behind
    stretches.push(lower.slice(from, seen))
    left -= seen - from
    if (left <= 0) break
  }
  return stretches
}

/** Where each of the words stands first, next and last, in order. */
function placesOf(lower: string): readonly number[] {
  const places: number[] = []
  for (const word of words) {
    const first = lower.indexOf(word)
    if (first < 0) continue
    const next = lower.indexOf(word, first + behind)
    places.push(first)
    if (next >= 0) places.push(next, lower.lastIndexOf(word))
  }
  return places.sort((a, b) => a - b)
}
