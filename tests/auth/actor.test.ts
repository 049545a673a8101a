/** Whoever loses their rights while a request of theirs is under way: it changes nothing any more. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { users } from '../../db/schema/index.ts'
import { handClock, password, startAuth } from './support.ts'

type Auth = Awaited<ReturnType<typeof startAuth>>

let auth: Auth
/** Who takes the rights away. */
let chief: string
beforeAll(async () => {
  auth = await startAuth()
  await auth.tenant('acme', ['admin', 'operator'])
  chief = (await auth.login('admin@acme.example')).accessToken
}, 60_000)
afterAll(() => auth.close())

let made = 0

/** A second admin, logged in. */
async function deputy() {
  const email = `deputy${++made}@acme.example`
  const body = { email, name: 'Deputy', role: 'admin', password }
  await auth.ask('POST', '/api/users', { token: chief, body })
  const { accessToken: token, user } = await auth.login(email)
  return { id: user.id, token, email }
}

/** A key that may make operators and keys. */
async function robot(token: string, more: object = {}) {
  const scopes = ['users:write', 'keys:write', 'calls:read', 'calls:write', 'recordings:read']
  const body = { name: 'robot', scopes, ...more }
  const answer = await auth.ask('POST', '/api/keys', { token, body })
  return answer.body as { id: string; key: string }
}

const change = (id: string, body: object) =>
  auth.ask('PATCH', `/api/users/${id}`, { token: chief, body })
const revoke = (id: string) => auth.ask('DELETE', `/api/keys/${id}`, { token: chief })

/** A hasher that has begun when `reached` resolves, and goes on when `release` is called. */
function heldHasher() {
  const begun = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const hasher = {
    ...auth.hasher,
    async hash(text: string) {
      begun.resolve()
      await held.promise
      return auth.hasher.hash(text)
    },
  }
  return { hasher, reached: begun.promise, release: held.resolve }
}

/** Creates a user, and does something else after the request was let in, before the user is there. */
async function createDuring(token: string, role: string, meanwhile: () => Promise<unknown>) {
  const { hasher, reached, release } = heldHasher()
  const slow = auth.replica({ hasher })
  const email = `mole${++made}@acme.example`
  const body = { email, name: 'Mole', role, password }
  const answer = slow.ask('POST', '/api/users', { token, body, from: `192.0.2.${made}` })
  await reached
  await meanwhile()
  release()
  const { status, body: answered } = await answer
  await slow.service.close()
  const rows = await auth.db.select({ id: users.id }).from(users).where(eq(users.email, email))
  return { status, code: answered.code as string | undefined, rows: rows.length }
}

describe('while the password of a new user is hashed', () => {
  test('an admin who stays one makes another', async () => {
    const { token } = await deputy()
    expect(await createDuring(token, 'admin', async () => {})).toMatchObject({
      status: 201,
      rows: 1,
    })
  })

  const losses: readonly (readonly [
    string,
    (admin: { id: string; token: string }) => Promise<unknown>,
  ])[] = [
    ['is disabled', ({ id }) => change(id, { disabled: true })],
    ['is made an operator', ({ id }) => change(id, { role: 'operator' })],
    ['is erased', ({ id }) => auth.ask('DELETE', `/api/users/${id}`, { token: chief })],
    ['logs out', ({ token }) => auth.ask('POST', '/api/auth/logout', { token, body: {} })],
    [
      'has another session epoch, by hand',
      ({ id }) => auth.db.update(users).set({ sessionEpoch: 7 }).where(eq(users.id, id)),
    ],
  ]
  for (const [what, lose] of losses)
    test(`an admin who ${what} makes no user any more`, async () => {
      const admin = await deputy()
      expect(await createDuring(admin.token, 'admin', () => lose(admin))).toEqual({
        status: 401,
        code: 'INVALID_CREDENTIALS',
        rows: 0,
      })
      const [denied] = await auth.events('ACCESS_DENIED')
      expect(denied).toMatchObject({ statusCode: 401, details: { reason: 'invalid_token' } })
    })

  test('a key that is revoked, or has expired, makes no user any more', async () => {
    const revoked = await robot(chief)
    expect(await createDuring(revoked.key, 'operator', () => revoke(revoked.id))).toEqual({
      status: 401,
      code: 'INVALID_CREDENTIALS',
      rows: 0,
    })
    const expiresAt = new Date(auth.now() + 1000).toISOString()
    const brief = await robot(chief, { expiresAt })
    const later = async () => auth.now.advance(1000)
    expect(await createDuring(brief.key, 'operator', later)).toEqual({
      status: 401,
      code: 'TOKEN_EXPIRED',
      rows: 0,
    })
  })

  test('a key whose maker is disabled is none, one whose maker is no admin may not', async () => {
    const maker = await deputy()
    const { key } = await robot(maker.token)
    const demote = () => change(maker.id, { role: 'operator' })
    expect(await createDuring(key, 'operator', demote)).toEqual({
      status: 403,
      code: 'FORBIDDEN',
      rows: 0,
    })
    expect((await auth.events('ACCESS_DENIED'))[0]).toMatchObject({
      details: { reason: 'missing_scope', scope: 'users:write' },
    })
    await change(maker.id, { role: 'admin' })
    const disable = () => change(maker.id, { disabled: true })
    expect(await createDuring(key, 'operator', disable)).toMatchObject({ status: 401, rows: 0 })
  })
})

describe('on a replica that has not heard of it', () => {
  /** A replica that believes for ever what it has read once. */
  async function behind(tokens: readonly string[]) {
    const replica = auth.replica({ monotonic: handClock(0) })
    for (const token of tokens)
      expect((await replica.ask('GET', '/api/auth/me', { token })).status).toBe(200)
    return replica
  }

  test('a disabled admin makes no key, revokes none, and changes and erases nobody', async () => {
    const { id, token } = await deputy()
    const { user } = await auth.login('operator@acme.example')
    const { id: key } = await robot(chief)
    const { ask, service } = await behind([token])
    await change(id, { disabled: true })
    const body = { name: 'late', scopes: ['calls:read'] }
    for (const { status, body: problem } of [
      await ask('POST', '/api/keys', { token, body }),
      await ask('DELETE', `/api/keys/${key}`, { token }),
      await ask('PATCH', `/api/users/${user.id}`, { token, body: { role: 'admin' } }),
      await ask('DELETE', `/api/users/${user.id}`, { token }),
    ])
      expect([status, problem?.code]).toEqual([401, 'INVALID_CREDENTIALS'])
    await service.close()
  })

  test('a key whose maker is an operator now makes no key, and changes nobody', async () => {
    const maker = await deputy()
    const { key: token } = await robot(maker.token)
    const { user } = await auth.login('operator@acme.example')
    const { ask, service } = await behind([token])
    await change(maker.id, { role: 'operator' })
    const body = { name: 'late', scopes: ['calls:read'] }
    expect((await ask('POST', '/api/keys', { token, body })).body.code).toBe('FORBIDDEN')
    const renamed = await ask('PATCH', `/api/users/${user.id}`, { token, body: { name: 'X' } })
    expect(renamed.body.code).toBe('FORBIDDEN')
    await service.close()
  })
})
