import { type } from 'arktype'
import { email } from '../validators/email.ts'
import { knownPassword } from '../validators/password/index.ts'

/**
 * What a login shows: `{email, password}`, and nothing else.
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(login.allows({ email: 'ada@example.com', password: 'tea with seven spoons' }), true)
 * equal(login.allows({ email: 'ada@example.com' }), false)
 * ```
 */
export const login = type({ '+': 'reject', email, password: knownPassword }).configure(
  {
    title: 'Login',
    examples: [{ email: 'ada@example.com', password: 'correct horse battery staple' }],
  },
  'self',
)
