/** Digits that are somebody's: payment cards and telephone numbers. */

/** Issuers' first digits, and how long their numbers are (ISO/IEC 7812): not every sum is a card. */
const issuers =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|(?:50|5[6-9]|6)\d{14,17}|8[12]\d{14})$/

/** Whether digits are a payment card's: an issuer's prefix, its length, and the Luhn checksum. */
function isCard(digits: string): boolean {
  if (!issuers.test(digits)) return false
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    const doubled = index % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** UUIDs come first, so that nothing is found inside of them. */
const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** 13 to 19 digits, in groups or not. */
const card = '\\d(?:[ .\\u00a0-]?\\d){12,18}'

/** After a plus sign (also percent-encoded) or 00: E.164, 7 to 15 digits, however they are grouped. */
const international =
  '(?:\\(?\\+|%2b|\\b00)[ ]?[1-9](?:[ .()/_\\u00a0\\u2010-\\u2015-]{0,3}\\d){6,14}'

/**
 * As they are written in India: ten digits from 6 up, after 91, 0 or nothing, in the groups that
 * people use; or a landline with its area code.
 */
const indian = [
  '(?:91[ -]?|0[ -]?)?[6-9]\\d(?:\\d{8}|\\d{3}[ _/\\u2010-\\u2015-]\\d{5}|\\d[ -]\\d{3}[ -]?\\d{4}|\\d{2}[ -]\\d{3}[ -]?\\d{3})',
  '[6-9](?: \\d){9}',
  '\\(?0[1-9]\\d{1,3}\\)?[ -]\\d{3,4}[ -]?\\d{3,4}',
].join('|')

/** Not within a word or a fraction; an escaped line break or character ends a word. */
const begin = '(?:(?<![A-Za-z0-9]|\\d\\.)|(?<=\\\\[nrt])|(?<=%[0-9a-f]{2}))'

const numbers = new RegExp(
  `(?<uuid>${uuid})|${begin}(?<card>${card})(?![A-Za-z0-9])|${begin}(?<phone>${international}|(?:${indian}))(?![A-Za-z0-9]|\\.\\d)`,
  'gi',
)

/** Takes cards and telephone numbers out of a text. */
export function redactNumbers(text: string): string {
  return text.replace(numbers, (found: string, id?: string, digits?: string) => {
    if (id !== undefined) return found
    if (digits === undefined) return '[redacted:phone]'
    const bare = found.replace(/\D/g, '')
    if (isCard(bare)) return '[redacted:card]'
    return /^(?:00|0?91[6-9]\d{9}$)/.test(bare) ? '[redacted:phone]' : found
  })
}

/** Whether a number, as such, is a card's or an Indian mobile's with its country code. */
export function isPersonalNumber(value: number | bigint): boolean {
  const digits = String(value)
  return isCard(digits) || /^91[6-9]\d{9}$/.test(digits)
}
