import { compatible, inUnitClass, type Range, unseen } from './decode/ranges.ts'
import { isOrdinaryForm } from './gate/forms.ts'
import { isPointed } from './gate/joints.ts'
import { isMeaningful } from './gate/meaning.ts'

/** What nearly every attack has at least one of, in ASCII. */
const signs = `<>'"\`|&$%\\\\{}=*[\\]^;()${inUnitClass([
  [0x00, 0x1f],
  [0x7f, 0x7f],
])}`
const remarkable = new RegExp(`[${signs}]`)

/** A word or a number, of letters and digits only; such words join into names, dates and ids. */
const word = /^\+?[a-z0-9]{1,32}$/i
const joinedWords = /^[a-z0-9]{1,32}(?:[-.@:][a-z0-9]{1,32}){1,8}$/i

/** Punctuation of Chinese and Japanese that no attack is made of: （），：！？～ */
const eastern = [0xff01, 0xff08, 0xff09, 0xff0c, 0xff1a, 0xff1f, 0xff5e]

/** Joiners and selectors of forms: spelling in Indian scripts and in emoji. */
const spelling: readonly Range[] = unseen.filter(([from]) => from === 0x200b || from === 0xfe00)

const rare: readonly Range[] = [
  ...compatible.flatMap(withoutEastern),
  ...unseen.filter((range) => !spelling.includes(range)),
]

/** Forms that text is seldom in (full width, mathematical, enclosed), and what hides words. */
const oddities = `\u02b9\u02bc\u2044\u2215\u2216\u29f5\u29f8\u560a\u560d${inUnitClass(rare)}`
const odd = new RegExp(`[${oddities}]`)

/**
 * Any of these. That some are below U+0100 makes the class quick on Latin text: an engine skips 16
 * bytes at once.
 */
const any = new RegExp(`[${signs}${oddities}${inUnitClass(spelling)}]`)

/** Spelling, and a character that all texts with are told by: for quickness, as there. */
const spelled = new RegExp(`[${inUnitClass([[0x00, 0x00], ...spelling])}]`)

/** Spelling beside ASCII letters, where it spells nothing. */
const glued = new RegExp(`\\w[${inUnitClass(spelling)}]|[${inUnitClass(spelling)}]\\w`)

/** Blanks that carry what follows out of sight. */
const gap = ' '.repeat(32)

/** Up to here words are looked for everywhere. */
const searched = 2048

/** Up to here a text with remarkable characters may still be of an ordinary form. */
const formed = 512

/**
 * Whether a text cannot be an attack, told by one quick look: nearly all texts are like that.
 *
 * Of a text longer than 2048 it assumes that an attack made of words alone begins or ends it, since
 * such a one goes on from a number or a bare word: 1024 characters are searched on either side, and
 * no long gap may be between. A million characters cost 0.3 ms in Latin script on JavaScriptCore,
 * some 3 ms in others and on V8; a word costs a twentieth of a microsecond.
 */
export function isOrdinary(text: string): boolean {
  if (word.test(text)) return !text.includes('0x')
  if (joinedWords.test(text)) return !isPointed(text) && !text.includes('0x')
  if (any.test(text)) {
    if (remarkable.test(text)) {
      if (text.length > formed) return false
      return !isHidden(text) && isOrdinaryForm(text)
    }
    if (isHidden(text)) return false
  }
  if (text.length <= searched) return !isMeaningful(text)
  return (
    !text.includes(gap) &&
    !isMeaningful(text.slice(0, searched / 2)) &&
    !isMeaningful(text.slice(-searched / 2))
  )
}

const isHidden = (text: string): boolean =>
  odd.test(text) || (spelled.test(text) && glued.test(text))

/** The parts of a range that hold no eastern punctuation. */
function withoutEastern([from, to]: Range): readonly Range[] {
  const parts: Range[] = []
  let start = from
  for (const mark of eastern) {
    if (mark < start || mark > to) continue
    if (mark > start) parts.push([start, mark - 1])
    start = mark + 1
  }
  if (start <= to) parts.push([start, to])
  return parts
}
