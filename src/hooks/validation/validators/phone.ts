import { type } from 'arktype'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { broken, type Rule, spokenAs } from '../rule.ts'

const rule: Rule = { code: 'phone', expected: 'an E.164 phone number' }

/** A plus sign and 7 to 15 digits, none of it a space (ITU-T E.164 §6). */
const e164 = /^\+[1-9]\d{6,14}$/

/** What people put between digits. */
const national = /^[\d\s().+/-]{2,40}$/

/**
 * A telephone number in the E.164 form, of a country that exists, in a length and range that the
 * country's numbering plan has. Not whether somebody has it.
 *
 * Source: ITU-T E.164; the numbering plans are those of Google's libphonenumber.
 *
 * @example A number of a country that exists
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(phoneNumber.allows('+919876543210'), true)
 * equal(phoneNumber.allows('+9999999999'), false)
 * ```
 */
export const phoneNumber = type('string <= 64')
  .narrow((text) => e164.test(text) && toE164(text) === text)
  .configure(spokenAs(rule))

/**
 * A telephone number as people of a region write it: national spellings, spaces, brackets and
 * hyphens too. It comes out in the E.164 form. For forms and imports: where programs ask,
 * {@linkcode phoneNumber} leaves nothing to be guessed.
 *
 * @param region whose national spellings are meant (ISO 3166-1 alpha-2)
 *
 * @example A number without its country comes out with it
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(phoneNumberIn('IN')('098765 43210'), '+919876543210')
 * equal(phoneNumberIn('IN')('+1 (415) 555-0132'), '+14155550132')
 * ```
 */
export const phoneNumberIn = (region: CountryCode) =>
  type('string <= 64')
    .configure(spokenAs(rule))
    .pipe((text, ctx) => {
      const number = national.test(text) ? toE164(text, region) : undefined
      return number ?? ctx.error(broken(rule))
    })

function toE164(text: string, region?: CountryCode): string | undefined {
  const number = parsePhoneNumberFromString(text, region)
  return number?.isValid() && number.ext === undefined ? number.number : undefined
}
