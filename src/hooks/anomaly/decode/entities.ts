import { Characters, hexadecimal } from './characters.ts'

/** The references that stand for a character of a language, by name (HTML §13.5). */
const named: ReadonlyMap<string, string> = new Map(
  Object.entries({
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    tab: '\t',
    newline: '\n',
    colon: ':',
    semi: ';',
    comma: ',',
    period: '.',
    sol: '/',
    bsol: '\\',
    lpar: '(',
    rpar: ')',
    lbrace: '{',
    lcub: '{',
    rbrace: '}',
    rcub: '}',
    lbrack: '[',
    lsqb: '[',
    rbrack: ']',
    rsqb: ']',
    equals: '=',
    plus: '+',
    excl: '!',
    quest: '?',
    num: '#',
    dollar: '$',
    percnt: '%',
    ast: '*',
    midast: '*',
    commat: '@',
    grave: '`',
    diacriticalgrave: '`',
    lowbar: '_',
    underbar: '_',
    hat: '^',
    vert: '|',
    verbar: '|',
    verticalline: '|',
    zerowidthspace: '',
    shy: '',
  }),
)

/** How a reference begins. */
const reference = /&(?:#x?[\da-f]|[a-z]{2})/i

/** Browsers read these names, and numbers, without the semicolon. */
const short = /^(?:lt|gt|amp|quot|nbsp)/

/** A parameter of an address is no such name: `?a=1&lt=2`. */
const parameter = /[a-z0-9]{0,16}=/iy

const ampersand = 0x26
const semicolon = 0x3b

/** Takes one layer of HTML character references off. */
export function unentity(text: string): string {
  if (!text.includes('&')) return text
  const first = text.search(reference)
  if (first < 0) return text
  const read = new Characters(text, first)
  for (let at = first; at < text.length; ) {
    const code = text.charCodeAt(at)
    let end = at
    if (code === ampersand)
      end = text.charCodeAt(at + 1) === 0x23 ? number(text, at, read) : name(text, at, read)
    if (end === at) {
      read.add(code)
      end++
    }
    at = end
  }
  return read.toString()
}

/** Reads `&#38;` or `&#x26;`, and says where it ends: at its start, where it is none. */
function number(text: string, start: number, read: Characters): number {
  const base = (text.charCodeAt(start + 2) | 0x20) === 0x78 ? 16 : 10
  let at = start + (base === 16 ? 3 : 2)
  const zeros = at + 32
  while (at < zeros && text.charCodeAt(at) === 0x30) at++
  if (text.charCodeAt(at) === 0x30) return start
  const limit = at + (base === 16 ? 6 : 7)
  let value = 0
  for (; at < limit; at++) {
    const digit = hexadecimal(text.charCodeAt(at))
    if (digit < 0 || digit >= base) break
    value = value * base + digit
  }
  if (value === 0) return start
  read.addPoint(value)
  return text.charCodeAt(at) === semicolon ? at + 1 : at
}

/** Reads `&lt;` or `&lt`, and says where it ends: at its start, where it is none. */
function name(text: string, start: number, read: Characters): number {
  let end = start + 1
  while (end < start + 17 && isLetter(text.charCodeAt(end))) end++
  if (end < start + 3) return start
  const word = text.slice(start + 1, end).toLowerCase()
  if (text.charCodeAt(end) === semicolon && named.has(word)) return put(word, end + 1, read)
  const found = short.exec(word)?.[0]
  if (found === undefined) return start
  const behind = start + 1 + found.length
  if (isParameter(text, behind)) return start
  return put(found, text.charCodeAt(behind) === semicolon ? behind + 1 : behind, read)
}

function put(word: string, end: number, read: Characters): number {
  const character = named.get(word) ?? ''
  if (character !== '') read.add(character.charCodeAt(0))
  return end
}

const isLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a

function isParameter(text: string, at: number): boolean {
  parameter.lastIndex = at
  return parameter.test(text)
}
