/** The classes of characters that tokens of SQL are made of, by code: quicker than patterns. */

const letter = 1
const digit = 2
const operator = 3
const blank = 4

const ascii = new Uint8Array(128)
ascii.fill(blank, 0, 33)
ascii.fill(digit, 48, 58)
ascii.fill(letter, 97, 123)
for (const sign of '_$') ascii[sign.charCodeAt(0)] = letter
for (const sign of '=<>+-*/%^|&~!:') ascii[sign.charCodeAt(0)] = operator

/** Letters of all alphabets, but neither punctuation nor signs beyond ASCII. */
const isForeignLetter = (code: number): boolean =>
  (code >= 0xc0 && code <= 0x1fff) ||
  (code >= 0x2c00 && code <= 0x2fef) ||
  (code >= 0x3040 && code <= 0xd7ff) ||
  (code >= 0xf900 && code <= 0xfdff) ||
  code === 0xaa ||
  code === 0xb5

const isForeignBlank = (code: number): boolean =>
  code === 0xa0 ||
  (code >= 0x2000 && code <= 0x200f) ||
  code === 0x3000 ||
  code === 0xfeff ||
  code === 0xfffd

/** Whether a name may begin with it; of ASCII in lower case only. */
export const isLetter = (code: number): boolean =>
  code < 128 ? ascii[code] === letter : isForeignLetter(code)

/** Whether it is one of 0 to 9. */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Whether a name may go on with it. */
export const isNamed = (code: number): boolean => isLetter(code) || isDigit(code)

/** Whether it is white space, or a control character. */
export const isBlank = (code: number): boolean =>
  code < 128 ? ascii[code] === blank : isForeignBlank(code)

/** Whether operators are made of it. */
export const isSign = (code: number): boolean => ascii[code] === operator

/** Whether it is a letter of any case, or a mark upon one, as words of prose are made of. */
export const isSpelling = (code: number): boolean =>
  isLetter(code) ? code !== 36 && code !== 95 : code >= 65 && code <= 90

/** Where the name ends that an index stands in, or before. */
export function endOfWord(text: string, from: number): number {
  let at = from
  while (isNamed(text.charCodeAt(at))) at += 1
  return at
}
