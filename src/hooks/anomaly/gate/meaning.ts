import { isPointedAt } from './joints.ts'

const number =
  '\\W{0,8}\\d{1,32}[\\s+)]{1,8}(?:x?or|and|div|mod|is|in|r?like|regexp|between|limit|into|case|not)\\b'

/** How SQL and XPath go on after a number, at the beginning and behind a sign: apart, for quickness. */
const continued = new RegExp(`^${number}`, 'i')
const continuedBehind = new RegExp(`=${number}`, 'i')

/** What no query that was injected without a quote can do without; serialised Java; spelt dots. */
const essential =
  /(?:union|select|having|procedure|waitfor|exec|declare|sleep|benchmark|order[\s+]by|group[\s+]by|ro0ab|0x(?:2e|2f|5c))/iy

/** A condition that is made up, from behind its first word on. */
const made = /(?<=or|and)[\s+(]{1,8}(?:\d|true|false|null|not|exists)/iy

/** What a character may be the beginning of, by code. */
const nothing = 0
const inWord = 1
const beginsWord = 2
const behindWord = 3
const joins = 4

const roles = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[ushpwedbogr0]/i.test(character)) return beginsWord
  if (/[\s+(]/.test(character)) return behindWord
  if (/[-/:@._]/.test(character)) return joins
  return /\w/.test(character) ? inWord : nothing
})

/** Five bits of each of the first three characters of what is essential: most words are told by them. */
const beginnings = new Uint8Array(0x8000)
for (const start of 'uni sel hav pro wai exe dec sle ben ord gro ro0 0x2 0x5'.split(' '))
  beginnings[keyOf(start, 0, start.charCodeAt(0))] = 1

function keyOf(text: string, at: number, first: number): number {
  const second = text.charCodeAt(at + 1)
  const third = text.charCodeAt(at + 2)
  return ((first & 31) << 10) | ((second & 31) << 5) | (third & 31)
}

/**
 * Whether a text has what an attack that is made of words and of joining signs cannot do without. One
 * walk: an expression of so many branches takes three times as long.
 */
export function isMeaningful(text: string): boolean {
  if (continued.test(text) || (text.includes('=') && continuedBehind.test(text))) return true
  let wasWord = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const role = code < 128 ? roles[code] : behindWord
    if (role === beginsWord) {
      if (!wasWord && beginnings[keyOf(text, at, code)] === 1 && matchesAt(essential, text, at))
        return true
      wasWord = true
    } else if (role === inWord) wasWord = true
    else if (role !== nothing) {
      if (role === joins ? isPointedAt(text, at, code) : wasWord && isMadeBehind(text, at))
        return true
      wasWord = code === underscore
    } else wasWord = false
  }
  return false
}

const underscore = 0x5f

/** Behind `or` and `and`, by their last letters. */
function isMadeBehind(text: string, at: number): boolean {
  const last = text.charCodeAt(at - 1) | 0x20
  return (last === 0x72 || last === 0x64) && matchesAt(made, text, at)
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}
