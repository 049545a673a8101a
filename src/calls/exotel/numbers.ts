/**
 * Telephone numbers as Exotel spells them: India's nationally (`0…`, ten bare digits) or with 91,
 * others internationally (documented; seen in code). A caller may also be a `sip:` address, or hide.
 */

/** Ten digits, after whatever stands for India. */
const indian = /^(?:0|(?:\+|00)?91)?([1-9]\d{9})$/
const international = /^(?:\+|00)([1-9]\d{6,14})$/
const bareDigits = /^[1-9]\d{6,14}$/
const separators = /[\s().-]/g

/** @returns the E.164 form; undefined for what is no number, or lacks a country that is not India */
export function toE164(text: string): string | undefined {
  const number = text.replaceAll(separators, '')
  const [, national] = indian.exec(number) ?? []
  if (national !== undefined) return `+91${national}`
  const [, digits] = international.exec(number) ?? []
  return digits === undefined ? undefined : `+${digits}`
}

/** The numbers that a text may mean, likeliest first: without its plus sign, one may look Indian. */
export function possibleNumbers(text: string): readonly string[] {
  const number = text.replaceAll(separators, '')
  const read = [toE164(text), bareDigits.test(number) ? `+${number}` : undefined]
  return [...new Set(read.filter((one) => one !== undefined))]
}

/** Whether two texts may mean one number. */
export function sameNumber(one: string, other: string): boolean {
  const numbers = possibleNumbers(one)
  return possibleNumbers(other).some((number) => numbers.includes(number))
}

/** Longer ones are no address of a telephone. */
const printable = /^[!-~]{1,128}$/

/** One end of a call as it is kept: E.164, else as it was said (`sip:…`, `anonymous`), or `unknown`. */
export function partyOf(text: string | undefined): string {
  if (text === undefined) return 'unknown'
  return toE164(text) ?? (printable.test(text) ? text : 'unknown')
}
