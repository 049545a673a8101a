/** Credentials that are refused over HTTP: forged, confused, spent, or of somebody who lost their rights. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { SignJWT } from 'jose'
import { createKeyring, type DerivedKey } from '../../db/keyring.ts'
import { formatApiKey } from '../../src/auth/keys/format.ts'
import { clientOf } from '../support/client.ts'
import { type Caly, eventually } from '../support/process.ts'
import { claimsOf, logIn, newKey, platformTenant, startStrict, type Tenant } from './cast.ts'
import { password } from './matrix.ts'

setDefaultTimeout(120_000)

let caly: Caly
let platform: Tenant
let derived: DerivedKey
let encryptionKey: string

beforeAll(async () => {
  const started = await startStrict()
  caly = started.caly
  encryptionKey = started.encryptionKey
  derived = createKeyring([encryptionKey]).keys('access-token')[0]
  platform = await platformTenant(caly)
})
afterAll(() => caly.stop())

const [route, ok, refused] = ['/api/auth/me', 200, 401]

/** What the service says to the given headers. */
const answerTo = (headers: Record<string, string>) =>
  clientOf(caly)('GET', route, undefined, headers)
const bearer = (token: string) => answerTo({ authorization: `Bearer ${token}` })

interface Forgery {
  readonly header?: object
  readonly claims?: object
  readonly without?: readonly string[]
  readonly key?: Uint8Array
}

/** A token as ours are but for what is told: with nothing told, the service takes it. */
function forge({ header, claims, without = [], key = derived.key }: Forgery): Promise<string> {
  const { userId, clientId, sessionId, epoch } = claimsOf(platform.users.admin.token)
  const now = Math.floor(Date.now() / 1000)
  const payload: Record<string, unknown> = {
    iss: 'caly',
    aud: 'caly/api',
    sub: userId,
    cid: clientId,
    sid: sessionId,
    epoch,
    iat: now,
    exp: now + 600,
    jti: crypto.randomUUID(),
    ...claims,
  }
  for (const claim of without) delete payload[claim]
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256', kid: derived.id, typ: 'at+jwt', ...header })
    .sign(key)
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token with any header at all, signed by the given function. */
async function handMade(header: object, signed: (text: string) => string): Promise<string> {
  const [, payload] = (await forge({})).split('.')
  const text = `${base64(header)}.${payload}`
  return `${text}.${signed(text)}`
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const lastHour = Math.floor(Date.now() / 1000) - 3600
const aUuid = '01900000-0000-7000-8000-000000000000'

test('the token that the forgeries start from is taken', async () => {
  expect((await bearer(await forge({}))).status).toBe(ok)
})

const forgeries: readonly (readonly [what: string, make: () => Promise<string>, code?: string])[] =
  [
    ['has another signature', async () => `${(await forge({})).slice(0, -4)}AAAA`],
    ['has no signature', async () => (await forge({})).replace(/[^.]+$/, '')],
    [
      'has a changed payload',
      async () => {
        const [header, payload = '', signature] = (await forge({})).split('.')
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
        return `${header}.${base64({ ...claims, epoch: claims.epoch + 1 })}.${signature}`
      },
    ],
    [
      'names no algorithm',
      () => handMade({ alg: 'none', kid: derived.id, typ: 'at+jwt' }, () => ''),
    ],
    ['names no algorithm in capitals', () => handMade({ alg: 'NONE', typ: 'at+jwt' }, () => '')],
    [
      'uses another HMAC',
      () => forge({ header: { alg: 'HS512' }, key: Buffer.alloc(64, derived.key) }),
    ],
    [
      'is signed by an RSA key that it brings itself',
      () =>
        handMade(
          {
            alg: 'RS256',
            kid: derived.id,
            typ: 'at+jwt',
            jwk: rsa.publicKey.export({ format: 'jwk' }),
          },
          (text) => sign('sha256', Buffer.from(text), rsa.privateKey).toString('base64url'),
        ),
    ],
    ['has an empty key', () => forge({ key: new Uint8Array(32) })],
    ['is signed by the master key itself', () => forge({ key: Buffer.from(encryptionKey, 'hex') })],
    ['names a key that is not known', () => forge({ header: { kid: 'deadbeef' } })],
    ['names no key', () => forge({ header: { kid: undefined } })],
    ['names a path as its key', () => forge({ header: { kid: '../../dev/null' } })],
    ['is a plain JWT', () => forge({ header: { typ: 'JWT' } })],
    [
      'has a critical header that we do not know',
      () => handMade({ alg: 'HS256', kid: derived.id, typ: 'at+jwt', crit: ['exp'] }, () => 'AAAA'),
    ],
    ['is for another audience', () => forge({ claims: { aud: 'other/api' } })],
    ['is from another issuer', () => forge({ claims: { iss: 'https://elsewhere.example' } })],
    [
      'has expired',
      () => forge({ claims: { iat: lastHour - 900, exp: lastHour } }),
      'TOKEN_EXPIRED',
    ],
    ['is not valid yet', () => forge({ claims: { nbf: lastHour + 7200 } })],
    ...['sub', 'iat', 'exp', 'jti', 'cid', 'sid', 'epoch', 'aud', 'iss'].map(
      (claim) => [`has no ${claim}`, () => forge({ without: [claim] })] as const,
    ),
    ['is of another client', () => forge({ claims: { cid: aUuid } })],
    ['is of another user', () => forge({ claims: { sub: aUuid } })],
    ['is of another session', () => forge({ claims: { sid: aUuid } })],
    ['is of an earlier epoch', () => forge({ claims: { epoch: -1 } })],
    ['has an epoch that is no number', () => forge({ claims: { epoch: '0' } })],
    ['has a user that is no UUID', () => forge({ claims: { sub: "' or 1=1 --" } })],
    ['is a refresh token', async () => (await logIn(caly, caly.admin.email)).refreshToken],
    ['is five thousand characters long', async () => 'a'.repeat(5000)],
  ]

for (const [what, make, code = 'INVALID_CREDENTIALS'] of forgeries)
  test(`an access token is refused that ${what}`, async () => {
    const token = await make()
    const { status, body, headers } = await bearer(token)
    expect([status, body.code]).toEqual([refused, code])
    expect(headers.get('www-authenticate')).toBeTruthy()
    expect(JSON.stringify(body)).not.toContain(token)
  })

test('an access token, an API key and a made-up one are no refresh tokens', async () => {
  const { key } = await newKey(platform.users.admin, ['calls:read'])
  const made = `caly_refresh_${randomBytes(32).toString('base64url')}`
  for (const refreshToken of [platform.users.admin.token, key, made]) {
    const { status, body } = await clientOf(caly)('POST', '/api/auth/refresh', { refreshToken })
    // An access token is longer than any refresh token, and so not even one in form.
    expect([401, 422]).toContain(status)
    expect(JSON.stringify(body)).not.toContain(refreshToken)
  }
})

test('a key comes as a bearer or as X-API-Key, and in no other form', async () => {
  const { admin } = platform.users
  const { key } = await newKey(admin, ['calls:read'])
  const other = (await newKey(admin, ['calls:read'])).key
  const { token } = admin
  const forms: readonly (readonly [status: number, headers: Record<string, string>])[] = [
    [ok, { authorization: `Bearer ${key}` }],
    [ok, { authorization: `bearer ${key}` }],
    [ok, { 'x-api-key': key }],
    [ok, { authorization: `Bearer ${key}`, 'x-api-key': key }],
    [refused, { authorization: `Bearer ${key}`, 'x-api-key': other }],
    [refused, { authorization: `Bearer ${token}`, 'x-api-key': key }],
    [refused, { authorization: `Bearer ${token}`, 'x-api-key': token }],
    [refused, { authorization: `Bearer ${token}`, 'x-api-key': '' }],
    [refused, { 'x-api-key': token }],
    [refused, { 'x-api-key': `Bearer ${key}` }],
    [refused, { 'x-api-key': `${key}, ${key}` }],
    [refused, { authorization: `Bearer  ${key}` }],
    [refused, { authorization: `Bearer ${key} ${key}` }],
    [refused, { authorization: `Bearer ${token}, Bearer ${token}` }],
    [refused, { authorization: 'Bearer' }],
    [refused, { authorization: 'Bearer ' }],
    [refused, { authorization: key }],
    [refused, { authorization: `Token ${key}` }],
    [refused, { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }],
    [refused, { authorization: `ApiKey ${key}` }],
    [refused, { cookie: `authorization=${key}; api_key=${key}` }],
    [refused, { 'x-apikey': key }],
    [refused, { 'proxy-authorization': `Bearer ${key}` }],
  ]
  for (const [status, headers] of forms) {
    const answer = await answerTo(headers)
    const shape = JSON.stringify(headers).replaceAll(key, 'KEY').replaceAll(token, 'TOKEN')
    expect([shape, answer.status]).toEqual([shape, status])
  }
  expect(
    (await clientOf(caly)('GET', `${route}?api_key=${key}&access_token=${token}`)).status,
  ).toBe(refused)
})

test('a key with one changed character, or of a row that does not exist, is refused', async () => {
  const { key } = await newKey(platform.users.admin, ['calls:read'])
  for (const at of [0, 12, 35, key.length - 10, key.length - 1]) {
    const changed = `${key.slice(0, at)}${key[at] === 'a' ? 'b' : 'a'}${key.slice(at + 1)}`
    expect([at, (await bearer(changed)).status]).toEqual([at, refused])
  }
  expect((await bearer(formatApiKey(crypto.randomUUID()).key)).status).toBe(refused)
  expect((await bearer(key.toUpperCase())).status).toBe(refused)
})

/** A fresh user of the platform's, logged in, with a key that reads and writes calls. */
async function newcomer(role: 'admin' | 'operator') {
  const email = `${randomBytes(6).toString('hex')}@platform.example`
  const { ask } = platform.users.admin
  const { body } = await ask('POST', '/api/users', { email, name: 'Newcomer', role, password })
  const session = await logIn(caly, email)
  const asUser = clientOf(caly, session.accessToken)
  const made =
    role === 'admin'
      ? await newKey({ ask: asUser }, ['calls:read', 'users:write'])
      : { id: '', key: '' }
  return { id: body.id as string, email, ...session, asUser, key: made.key, keyId: made.id }
}

/** The status once it is so on every cache: within a second. */
const within = (status: number, ask: () => Promise<{ status: number }>) =>
  eventually(ask, (answer) => answer.status === status, 1000)

test('a revoked key is refused within a second', async () => {
  const { id, key } = await newKey(platform.users.admin, ['calls:read'])
  expect((await bearer(key)).status).toBe(ok)
  expect((await platform.users.admin.ask('DELETE', `/api/keys/${id}`)).status).toBe(204)
  await within(refused, () => bearer(key))
})

test('an expired key is refused as expired', async () => {
  const expiresAt = new Date(Date.now() + 1000).toISOString()
  const { body } = await platform.users.admin.ask('POST', '/api/keys', {
    name: 'brief',
    scopes: ['calls:read'],
    expiresAt,
  })
  const { body: problem } = await eventually(
    () => bearer(body.key),
    ({ status }) => status === refused,
    5000,
  )
  expect(problem.code).toBe('TOKEN_EXPIRED')
})

test("a disabled user's token, refresh token and keys are refused within a second", async () => {
  const user = await newcomer('admin')
  for (const token of [user.accessToken, user.key]) expect((await bearer(token)).status).toBe(ok)
  await platform.users.admin.ask('PATCH', `/api/users/${user.id}`, { disabled: true })
  for (const token of [user.accessToken, user.key]) await within(refused, () => bearer(token))
  const { refreshToken } = user
  const refreshed = await clientOf(caly)('POST', '/api/auth/refresh', { refreshToken })
  expect(refreshed.status).toBe(refused)
  const login = await clientOf(caly)('POST', '/api/auth/login', { email: user.email, password })
  expect(login.status).toBe(refused)
})

test('a lowered role ends the session, and takes from keys what their maker has lost', async () => {
  const user = await newcomer('admin')
  const key = clientOf(caly, user.key)
  expect((await key('GET', '/api/users')).status).toBe(ok)
  await platform.users.admin.ask('PATCH', `/api/users/${user.id}`, { role: 'operator' })
  await within(refused, () => bearer(user.accessToken))
  await within(403, () => key('GET', '/api/users'))
  expect((await key('GET', '/api/calls')).status).toBe(ok)
})

test('an erased user leaves neither session nor key', async () => {
  const user = await newcomer('admin')
  await platform.users.admin.ask('DELETE', `/api/users/${user.id}`)
  for (const token of [user.accessToken, user.key]) await within(refused, () => bearer(token))
})

test('a logout ends the access token within a second, and the refresh token for good', async () => {
  const user = await newcomer('operator')
  expect((await user.asUser('POST', '/api/auth/logout')).status).toBe(204)
  await within(refused, () => bearer(user.accessToken))
  const { refreshToken } = user
  const { status } = await clientOf(caly)('POST', '/api/auth/refresh', { refreshToken })
  expect(status).toBe(refused)
})

test('a new password ends every session of the user', async () => {
  const user = await newcomer('operator')
  const second = await logIn(caly, user.email)
  const newPassword = 'another correct horse battery'
  const change = { currentPassword: password, newPassword }
  expect((await user.asUser('POST', '/api/auth/password', change)).status).toBe(204)
  for (const token of [user.accessToken, second.accessToken])
    await within(refused, () => bearer(token))
})

test('a refresh token used twice ends the session that it belongs to', async () => {
  const user = await newcomer('operator')
  const refresh = (refreshToken: string) =>
    clientOf(caly)('POST', '/api/auth/refresh', { refreshToken })
  const next = await refresh(user.refreshToken)
  expect(next.status).toBe(ok)
  expect((await refresh(user.refreshToken)).status).toBe(refused)
  expect((await refresh(next.body.refreshToken)).status).toBe(refused)
  for (const token of [user.accessToken, next.body.accessToken])
    await within(refused, () => bearer(token))
})

test('a leaked key does not live on in the keys that were made with it', async () => {
  const leaked = await newKey(platform.users.admin, ['users:write', 'keys:write', 'calls:read'])
  const made = await newKey({ ask: clientOf(caly, leaked.key) }, ['keys:write', 'calls:read'])
  const last = await newKey({ ask: clientOf(caly, made.key) }, ['calls:read'])
  for (const { key } of [leaked, made, last]) expect((await bearer(key)).status).toBe(ok)
  const { status } = await platform.users.admin.ask('DELETE', `/api/keys/${leaked.id}`)
  expect(status).toBe(204)
  for (const { key } of [leaked, made, last]) await within(refused, () => bearer(key))
})

test('a key that may revoke keys revokes none that may do more', async () => {
  const weak = await newKey(platform.users.admin, ['keys:write'])
  const strong = await newKey(platform.users.admin, ['calls:read'])
  const { status } = await clientOf(caly, weak.key)('DELETE', `/api/keys/${strong.id}`)
  expect(status).toBe(403)
  expect((await bearer(strong.key)).status).toBe(ok)
})
