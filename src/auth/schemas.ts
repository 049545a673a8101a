/** What the routes of this folder take and give. */
import { type } from 'arktype'
import { isTime } from '../hooks/validation/time.ts'
import { isAcceptablePassword, isComparablePassword, newPasswordLength } from './passwords/index.ts'
import { roles, scopes } from './scopes.ts'

/** At most what fits an address (RFC 5321 §4.5.3.1.3). */
export const email = type('string.email')
  .narrow((text) => text.length <= 254)
  .describe('an e-mail address of at most 254 characters')

/** A password that was set at some time: compared as it is. */
const password = type('string >= 1')
  .narrow((text) => isComparablePassword(text))
  .describe('a password of at most 1024 bytes')

const newPassword = type('string <= 1024')
  .narrow((text) => isAcceptablePassword(text))
  .describe(`${newPasswordLength.min} to ${newPasswordLength.max} characters`)

/**
 * What somebody, or a key, is called. Not what a terminal obeys, what makes a text read otherwise than
 * it is written (UTR #36 §2.5), or what nobody sees: U+200C and U+200D excepted, which Indic scripts,
 * Persian and emoji are written with.
 */
export const name = type(
  /^[^\p{Cc}\p{Cs}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060\u2066-\u2069\uFEFF]{1,100}$/u,
).describe('1 to 100 characters, without control, direction or zero-width characters')
const role = type.enumerated(...roles)
const scope = type.enumerated(...scopes)
const refreshToken = type('1 <= string <= 256').describe('a refresh token')
const instant = type('string <= 40')
  .narrow((text) => isTime(text))
  .describe('a time such as 2026-01-31T09:30:00.000Z')

/** A time in an answer. */
const time = type('string').configure({ format: 'date-time' }, 'self')

const exampleEmail = 'ada@example.com'
const exampleRefreshToken = `caly_refresh_${'x'.repeat(43)}`
const examplePassword = 'correct horse battery staple'

/** What a login shows. */
export const loginBody = type({ '+': 'reject', email, password }).configure(
  { title: 'Login', examples: [{ email: exampleEmail, password: examplePassword }] },
  'self',
)
/** What is exchanged for new tokens. */
export const refreshBody = type({ '+': 'reject', refreshToken }).configure(
  { title: 'Refresh', examples: [{ refreshToken: exampleRefreshToken }] },
  'self',
)
/** Which session ends; without it, the one that asks. */
export const logoutBody = type({ '+': 'reject', 'refreshToken?': refreshToken }).configure(
  { title: 'Logout', examples: [{ refreshToken: exampleRefreshToken }] },
  'self',
)
/** A user's own change of password. */
export const passwordBody = type({
  '+': 'reject',
  currentPassword: password,
  newPassword,
}).configure(
  {
    title: 'PasswordChange',
    examples: [{ currentPassword: examplePassword, newPassword: 'a better horse, a new battery' }],
  },
  'self',
)
/** A user to be. */
export const newUserBody = type({
  '+': 'reject',
  email,
  name,
  role,
  password: newPassword,
}).configure(
  {
    title: 'NewUser',
    examples: [
      { email: exampleEmail, name: 'Ada Lovelace', role: 'operator', password: examplePassword },
    ],
  },
  'self',
)
/** What may be changed of a user; what is absent stays. */
export const userChangesBody = type({
  '+': 'reject',
  'name?': name,
  'role?': role,
  'disabled?': 'boolean',
}).configure({ title: 'UserChanges', examples: [{ name: 'Ada King', disabled: false }] }, 'self')
/** A key to be. Without an expiry it lives until it is revoked. */
export const newKeyBody = type({
  '+': 'reject',
  name,
  scopes: scope.array().atLeastLength(1).atMostLength(scopes.length),
  'expiresAt?': instant.or('null'),
}).configure(
  {
    title: 'NewKey',
    examples: [
      { name: 'CRM', scopes: ['calls:read', 'calls:write'], expiresAt: '2030-01-31T09:30:00.000Z' },
    ],
  },
  'self',
)
/** The id in a path. One that is well-formed and unknown is 404, not 422. */
export const idParams = type({ id: 'string.uuid' })
/** Which part of a list: 1 to 100 rows, 20 unless told. */
export const pageQuery = type({
  '+': 'reject',
  limit: type('string.integer.parse').to('1 <= number <= 100').default('20'),
  'cursor?': 'string',
})

const exampleUser = {
  id: '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00',
  email: exampleEmail,
  name: 'Ada Lovelace',
  role: 'operator',
  disabled: false,
  createdAt: '2026-01-31T09:30:00.000Z',
  lastLoginAt: null,
} as const

const exampleKey = {
  id: '01931f6e-5d8a-7b1e-8c22-93f04d6ab711',
  name: 'CRM',
  prefix: 'caly_live_0353dd8D607FZ1KaUH2kxF',
  scopes: ['calls:read', 'calls:write'],
  createdAt: '2026-01-31T09:30:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
}

/** A user. */
export const userAnswer = type({
  id: 'string.uuid.v7',
  email: 'string',
  name: 'string',
  role,
  disabled: 'boolean',
  createdAt: time,
  lastLoginAt: time.or('null'),
}).configure({ title: 'User', examples: [exampleUser] }, 'self')
/** A key, by its prefix. */
export const keyAnswer = type({
  id: 'string.uuid.v7',
  name: 'string',
  prefix: 'string',
  scopes: 'string[]',
  createdAt: time,
  expiresAt: time.or('null'),
  lastUsedAt: time.or('null'),
}).configure({ title: 'Key', examples: [exampleKey] }, 'self')
/** A new key, with the key itself: this once. */
export const newKeyAnswer = type({ '...': keyAnswer, key: 'string' }).configure(
  { title: 'CreatedKey', examples: [{ ...exampleKey, key: `${exampleKey.prefix}_…` }] },
  'self',
)
/** What a login or a refresh gives; `expiresIn` is seconds. */
export const sessionAnswer = type({
  accessToken: 'string',
  expiresIn: 'number',
  refreshToken: 'string',
  user: userAnswer,
}).configure(
  {
    title: 'Session',
    examples: [
      {
        accessToken: 'eyJ…',
        expiresIn: 900,
        refreshToken: exampleRefreshToken,
        user: exampleUser,
      },
    ],
  },
  'self',
)
/** A page of users. */
export const userPage = type({ items: userAnswer.array(), nextCursor: 'string | null' }).configure(
  { title: 'UserPage' },
  'self',
)
/** A page of keys. */
export const keyPage = type({ items: keyAnswer.array(), nextCursor: 'string | null' }).configure(
  { title: 'KeyPage' },
  'self',
)
