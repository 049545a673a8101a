/** Which passwords a guesser tries first, whatever their length (NIST SP 800-63B-4 §3.1.1.2). */
import { commonPasswords } from './common.ts'

/** Shortest word that counts as one: below, chance finds them anywhere. */
const shortestWord = 3

/** Fewest different characters. `121212121212` is one of the first guesses. */
const fewestDifferent = 5

/** Rows of keys, the alphabet, and zigzags over the keyboard. */
const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '1234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'azertyuiop',
  'qwertzuiop',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
]

/** In both directions, and over the end: 0 comes before 1. */
const sequences = rows.flatMap((row) => [row + row, [...(row + row)].reverse().join('')])

/** What people write for a letter. */
const lookalikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
}

/**
 * Whether a password is among the first that a guesser would try: a common one or a known word, or
 * two of them written as one, with digits and signs around, in any case and with `@` for `a`; a
 * piece over and over, or a walk along the alphabet or the keyboard, also with signs in it. Words
 * with something between them are taken: people would be kept from many that nobody guesses soon.
 *
 * @param words what a guesser knows of this account, such as the parts of its e-mail
 */
export function isGuessable(password: string, words: readonly string[] = []): boolean {
  const text = password.normalize('NFKC').toLowerCase()
  if (new Set(text).size < fewestDifferent) return true
  if ([text, ...withoutSigns(text)].some((each) => isRepeated(each) || isWalk(each))) return true
  const known = new Set([...ownWords, ...words.map((word) => word.normalize('NFKC').toLowerCase())])
  const isWord = (part: string): boolean =>
    part.length >= shortestWord && (known.has(part) || commonPasswords().has(part))
  return spellings(text).some((spelling) => isMadeOf(spelling, isWord))
}

/** A text without the signs in it; none where most of it is signs, which are hard to guess then. */
function withoutSigns(text: string): string[] {
  const rest = text.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '')
  return rest.length * 2 >= text.length ? [rest] : []
}

/** The service itself. */
const ownWords = ['caly', 'exotel']

const isRepeated = (text: string): boolean => (text + text).indexOf(text, 1) < text.length

/** Whether a few steps along known sequences make up the whole text. */
function isWalk(text: string): boolean {
  let walks = 0
  for (let index = 0; index < text.length; walks += 1) {
    if (walks === 3) return false
    index += Math.max(1, ...sequences.map((row) => stepsAlong(row, text, index)))
  }
  return true
}

function stepsAlong(row: string, text: string, from: number): number {
  let length = 1
  while (from + length < text.length && row.includes(text.slice(from, from + length + 1)))
    length += 1
  return length
}

/** The text as it is and as it is meant, each with and without what stands around its letters. */
function spellings(text: string): string[] {
  const meant = text.replaceAll(/[0134578@$!]/g, (sign) => lookalikes[sign] ?? sign)
  const core = bare(text)
  const coreMeant = core.replaceAll(/[0134578@$!]/g, (sign) => lookalikes[sign] ?? sign)
  return [...new Set([text, core, meant, bare(meant), coreMeant])]
}

/** Without digits and signs at either end. */
function bare(text: string): string {
  const letters = [...text.matchAll(/\p{L}/gu)]
  const [first, last] = [letters.at(0), letters.at(-1)]
  return first && last ? text.slice(first.index, last.index + last[0].length) : ''
}

/** Whether a text is a word, also without the signs in it, or two words written as one. */
function isMadeOf(text: string, isWord: (part: string) => boolean): boolean {
  if (isWord(text) || isWord(text.replaceAll(/[^\p{L}\p{N}]+/gu, ''))) return true
  for (let cut = shortestWord; cut <= text.length - shortestWord; cut += 1)
    if (isWord(text.slice(0, cut)) && isWord(text.slice(cut))) return true
  return false
}
