/** What the routes of this folder take and give. */
import { type } from 'arktype'
import {
  broken,
  dateTime,
  email,
  knownPassword,
  listQuery,
  login,
  newPassword,
  oneOf,
  passwordFault,
  safeText,
  uuid,
  wordsOf,
} from '../hooks/validation/index.ts'
import { roles, scopes } from './scopes.ts'

export { email, listQuery as pageQuery, login as loginBody }

/** What somebody, or a key, is called. */
export const name = safeText({ min: 1, max: 100 })
const role = oneOf(...roles)
const scope = oneOf(...scopes)
const refreshToken = type('1 <= string <= 256').describe('a refresh token')

/** A time in an answer. */
const time = type('string').configure({ format: 'date-time' }, 'self')

const exampleEmail = 'ada@example.com'
const exampleRefreshToken = `caly_refresh_${'x'.repeat(43)}`
const examplePassword = 'correct horse battery staple'

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
  currentPassword: knownPassword,
  newPassword,
}).configure(
  {
    title: 'PasswordChange',
    examples: [{ currentPassword: examplePassword, newPassword: 'a better horse, a new battery' }],
  },
  'self',
)
/** A user to be, whose password is not made of their own e-mail. */
export const newUserBody = type({
  '+': 'reject',
  email,
  name,
  role,
  password: newPassword,
})
  .narrow(({ email, password }, ctx) => {
    const fault = passwordFault(password, wordsOf(email))
    return fault === undefined || ctx.reject({ path: ['password'], ...broken(fault) })
  })
  .configure(
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
  'expiresAt?': dateTime.or('null'),
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
export const idParams = type({ id: uuid })
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
