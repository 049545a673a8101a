import { type } from 'arktype'
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** E.164: a plus sign, and up to 15 digits of a country that exists in a length it has. */
function isPhoneNumber(text: string): boolean {
  if (!/^\+[1-9]\d{5,14}$/.test(text)) return false
  const number = parsePhoneNumberFromString(text)
  return number?.number === text && number.isPossible()
}

/** A number in a request. */
export const phoneNumber = type('string <= 64').narrow(
  (text, ctx) => isPhoneNumber(text) || ctx.mustBe('an E.164 phone number'),
)
