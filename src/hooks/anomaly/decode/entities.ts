/** The references that stand for a character of a language, by name (HTML §13.5). */
const named: Readonly<Record<string, string>> = {
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
}

/**
 * Browsers read numbers, and these names, without the semicolon. A parameter of an address is not
 * one of them: `?a=1&lt=2`.
 */
const references =
  /&(?:#0{0,32}([1-9]\d{0,6});?|#x0{0,32}([1-9a-f][0-9a-f]{0,5});?|(lt|gt|amp|quot|nbsp)(?![a-z0-9]{0,16}=);?|([a-z]{2,16});)/gi

/** Takes one layer of HTML character references off. */
export const unentity = (text: string): string =>
  text.includes('&') ? text.replace(references, character) : text

function character(
  found: string,
  decimal: string | undefined,
  hexadecimal: string | undefined,
  short: string | undefined,
  name: string | undefined,
): string {
  if (decimal !== undefined) return ofCode(Number(decimal))
  if (hexadecimal !== undefined) return ofCode(Number.parseInt(hexadecimal, 16))
  const key = (short ?? name ?? '').toLowerCase()
  return Object.hasOwn(named, key) ? (named[key] ?? found) : found
}

const ofCode = (code: number): string => (code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code))
