import { type } from 'arktype'
import { broken, type Rule, spokenAs } from '../../rule.ts'
import { isGuessable } from './guessable.ts'

/** Bounds of a new password, in code points (NIST SP 800-63B-4 §3.1.1.2: 8 at least, 64 at least). */
export const newPasswordLength = { min: 12, max: 128 } as const

/** Longest password that a login looks at, in UTF-8 octets: nobody has a longer one. */
export const maxPasswordBytes = 1024

const { min, max } = newPasswordLength

const lengthRule: Rule = { code: 'password_length', expected: `${min} to ${max} characters` }

/** Why a password may not be set: a word and what would be right. */
export const commonPasswordRule: Rule = {
  code: 'password_common',
  expected:
    'a password that is not among the first to be guessed: several words that do not belong together are best',
}

/**
 * The rule that a new password breaks, if it breaks one. Length is what a person would count: code
 * points of the one spelling that is hashed (NFKC). Which kinds of characters it has does not
 * matter; one that guessers try first is refused.
 *
 * @param words what a guesser knows of the account, such as the parts of its e-mail
 */
export function passwordFault(password: string, words: readonly string[] = []): Rule | undefined {
  // A code point is at most two units, and NFKC makes at most three units of one: bounded work.
  if (password.length > max * 8) return lengthRule
  const length = [...password.normalize('NFKC')].length
  if (length < min || length > max) return lengthRule
  return isGuessable(password, words) ? commonPasswordRule : undefined
}

/** The words that an e-mail address gives a guesser: the part before the at sign, also without signs, and its parts. */
export function wordsOf(email: string): string[] {
  const local = email.slice(0, Math.max(email.lastIndexOf('@'), 0))
  const parts = local.split(/[^\p{L}\p{N}]+/u)
  return [local, parts.join(''), ...parts].filter((word) => word.length >= 3)
}

/**
 * A password to be set.
 *
 * Source: NIST SP 800-63B-4 §3.1.1.2; OWASP ASVS 5.0 6.2.1, 6.2.4 (the 3,000 commonest that are
 * long enough) and 6.2.5 (no rules of composition).
 *
 * @example Length counts, and not being the first guess
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(newPassword.allows('tea with seven spoons'), true)
 * equal(newPassword.allows('P@ssw0rd1234!'), false)
 * equal(newPassword.allows('short'), false)
 * ```
 */
export const newPassword = type('string')
  .narrow((text, ctx) => {
    const fault = passwordFault(text)
    return fault === undefined || ctx.reject(broken(fault))
  })
  .configure({ description: lengthRule.expected, minLength: min, maxLength: max })

/**
 * A password that was set at some time: compared as it is, whatever today's rule for a new one says.
 *
 * @example What was taken once is still compared
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(knownPassword.allows('password1234'), true)
 * equal(knownPassword.allows('x'.repeat(2000)), false)
 * ```
 */
export const knownPassword = type('string >= 1')
  .narrow((text) => isComparablePassword(text))
  .configure(
    spokenAs({
      code: 'password_length',
      expected: `a password of at most ${maxPasswordBytes} bytes`,
    }),
  )

/** Whether a password is short enough to be compared at all. */
export const isComparablePassword = (password: string): boolean =>
  // A UTF-16 unit is at most three octets: most passwords are never encoded to be counted.
  password.length * 3 <= maxPasswordBytes ||
  new TextEncoder().encode(password).length <= maxPasswordBytes
