import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq, inArray } from 'drizzle-orm'
import { apiKeys, authChanges } from '../../db/schema/index.ts'
import { formatApiKey, parseApiKey } from '../../src/auth/keys/format.ts'
import { isPostgres } from '../support/database.ts'
import { handClock, password, startAuth } from './support.ts'

let auth: Awaited<ReturnType<typeof startAuth>>
let token: string
beforeAll(async () => {
  auth = await startAuth()
  await auth.tenant('acme', ['admin', 'operator'])
  token = (await auth.login('admin@acme.example')).accessToken
}, 60_000)
afterAll(() => auth.close())

const make = (body: object = {}, as = token) =>
  auth.ask('POST', '/api/keys', {
    token: as,
    body: { name: 'robot', scopes: ['calls:read'], ...body },
  })
const me = (as: string, ask = auth.ask) => ask('GET', '/api/auth/me', { token: as })
const revoke = (id: string, as = token) => auth.ask('DELETE', `/api/keys/${id}`, { token: as })

describe('a new key', () => {
  test('is shown once, works at once, and is kept as a hash only', async () => {
    const { status, body } = await make({ scopes: ['calls:read', 'calls:write', 'calls:read'] })
    expect(status).toBe(201)
    expect(body.key).toMatch(/^caly_live_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/)
    expect(body.key.startsWith(`${body.prefix}_`)).toBe(true)
    expect(body).toMatchObject({
      name: 'robot',
      scopes: ['calls:read', 'calls:write'],
      expiresAt: null,
      lastUsedAt: null,
    })
    const { key, ...shown } = body
    expect(await me(key)).toMatchObject({ status: 200, body: shown })
    const { body: list } = await auth.ask('GET', '/api/keys', { token })
    expect(JSON.stringify(list)).not.toContain(key.slice(-49))
    const rows = await auth.db.select().from(apiKeys).where(eq(apiKeys.id, body.id))
    expect(JSON.stringify(rows)).not.toContain(key.slice(-49))
    const [event] = await auth.events('API_KEY_GENERATED')
    expect(event).toMatchObject({ resourceId: body.id, details: { scopes: body.scopes } })
    expect(JSON.stringify(event)).not.toContain(key.slice(-49))
  })

  test('is taken as X-API-Key too, and twice where both say the same', async () => {
    const { body } = await make()
    const headers = { 'x-api-key': body.key }
    expect((await auth.ask('GET', '/api/auth/me', { headers })).status).toBe(200)
    expect((await auth.ask('GET', '/api/auth/me', { headers, token: body.key })).status).toBe(200)
    const disagree = await auth.ask('GET', '/api/auth/me', { headers, token })
    expect([disagree.status, disagree.body.code]).toEqual([401, 'INVALID_CREDENTIALS'])
  })

  test.each([
    ['a scope that its creator has not', { scopes: ['calls:read', 'ops:read'] }, 403],
    ['no scope', { scopes: [] }, 422],
    ['an unknown scope', { scopes: ['calls:everything'] }, 422],
    ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 422],
    ['an expiry that is no time', { expiresAt: '2026-13-01T00:00:00Z' }, 422],
    ['an unknown field', { clientId: 'x' }, 422],
  ])('with %s is refused', async (_, body, status) => {
    expect((await make(body)).status).toBe(status)
  })

  test("made by a key has none but that key's scopes, and the same user answers for it", async () => {
    const { body: parent } = await make({ scopes: ['keys:write', 'calls:read'] })
    expect((await make({ scopes: ['calls:write'] }, parent.key)).status).toBe(403)
    const { body: child } = await make({ scopes: ['calls:read'] }, parent.key)
    const [row] = await auth.db.select().from(apiKeys).where(eq(apiKeys.id, child.id))
    const { user } = await auth.login('admin@acme.example')
    expect(row?.createdBy).toBe(user.id)
  })
})

describe('a key ends', () => {
  test('when it expires', async () => {
    const expiresAt = new Date(auth.now() + 60_000).toISOString()
    const { body } = await make({ expiresAt })
    expect(body.expiresAt).toBe(expiresAt)
    expect((await me(body.key)).status).toBe(200)
    auth.now.advance(60_000)
    expect((await me(body.key)).body.code).toBe('TOKEN_EXPIRED')
  })

  test('when it is revoked, at once here and within 400 ms on another replica', async () => {
    const monotonic = handClock(0)
    const other = auth.replica({ monotonic })
    const { body } = await make()
    expect((await me(body.key, other.ask)).status).toBe(200)
    expect((await revoke(body.id)).status).toBe(204)
    expect((await me(body.key)).body.code).toBe('INVALID_CREDENTIALS')
    monotonic.advance(400)
    expect((await me(body.key, other.ask)).body.code).toBe('INVALID_CREDENTIALS')
    expect((await revoke(body.id)).status).toBe(404)
    await other.service.close()
  })

  test('on another replica at once, where it is told', async () => {
    const other = auth.replica({ monotonic: () => 0 })
    const { body } = await make()
    expect((await me(body.key, other.ask)).status).toBe(200)
    await revoke(body.id)
    other.service.forget({ kind: 'key', id: body.id })
    expect((await me(body.key, other.ask)).status).toBe(401)
    await other.service.close()
  })

  test('with the scopes, the login and the row of the admin who made it', async () => {
    const { body: second } = await auth.ask('POST', '/api/users', {
      token,
      body: { email: 'second@acme.example', name: 'S', role: 'admin', password },
    })
    const theirs = (await auth.login('second@acme.example')).accessToken
    const { body } = await make({ scopes: ['keys:write', 'calls:read'] }, theirs)
    const list = () => auth.ask('GET', '/api/keys', { token: body.key })
    const change = (changes: object) =>
      auth.ask('PATCH', `/api/users/${second.id}`, { token, body: changes })
    expect((await list()).status).toBe(200)
    await change({ role: 'operator' })
    expect([(await list()).status, (await me(body.key)).status]).toEqual([403, 200])
    await change({ disabled: true })
    expect((await me(body.key)).status).toBe(401)
    await change({ disabled: false, role: 'admin' })
    expect((await list()).status).toBe(200)
    await auth.ask('DELETE', `/api/users/${second.id}`, { token })
    expect((await me(body.key)).status).toBe(401)
    expect((await auth.events('API_KEY_REVOKED'))[0]?.resourceId).toBe(body.id)
  })
})

describe('a key that makes keys', () => {
  const rights = { scopes: ['users:write', 'keys:write', 'calls:read'] }

  test('takes those with it when it is revoked, to the last, and all replicas are told', async () => {
    const { body: parent } = await make(rights)
    const { body: child } = await make(rights, parent.key)
    const { body: grandchild } = await make({}, child.key)
    const { body: other } = await make()
    expect(Object.keys(child).sort()).toEqual(Object.keys(parent).sort())
    expect((await revoke(parent.id)).status).toBe(204)
    const family = [parent, child, grandchild]
    for (const { key } of family) expect((await me(key)).status).toBe(401)
    expect((await me(other.key)).status).toBe(200)
    const ids = family.map(({ id }) => id).sort()
    const events = (await auth.events('API_KEY_REVOKED')).slice(0, 3)
    expect(events.map(({ resourceId }) => resourceId).sort()).toEqual(ids)
    const told = await auth.db.select().from(authChanges).where(inArray(authChanges.subject, ids))
    expect(told.map(({ subject }) => subject).sort()).toEqual(ids)
  })

  test('takes with it what a key made that was revoked before', async () => {
    const { body: parent } = await make(rights)
    const { body: child } = await make(rights, parent.key)
    const { body: grandchild } = await make({}, child.key)
    await auth.db.update(apiKeys).set({ revokedAt: new Date() }).where(eq(apiKeys.id, child.id))
    expect((await revoke(parent.id)).status).toBe(204)
    expect((await me(grandchild.key)).status).toBe(401)
  })

  test('does not keep what it made when its row is deleted by hand', async () => {
    const { body: parent } = await make(rights)
    const { body: child } = await make({}, parent.key)
    await auth.db.delete(apiKeys).where(eq(apiKeys.id, parent.id))
    expect((await me(child.key, auth.replica().ask)).status).toBe(401)
  })

  test('leaves alone what its maker made: revoked is downwards only', async () => {
    const { body: parent } = await make(rights)
    const { body: child } = await make({}, parent.key)
    expect((await revoke(child.id)).status).toBe(204)
    expect((await me(parent.key)).status).toBe(200)
  })
})

describe('a key that revokes keys', () => {
  test('needs every scope of theirs', async () => {
    const { body: weak } = await make({ scopes: ['keys:write'] })
    const { body: strong } = await make({ scopes: ['keys:write', 'calls:read'] })
    expect((await revoke(strong.id, weak.key)).body.code).toBe('FORBIDDEN')
    expect((await me(strong.key)).status).toBe(200)
    expect((await revoke(weak.id, strong.key)).status).toBe(204)
  })

  test('may revoke itself', async () => {
    const { body } = await make({ scopes: ['keys:write', 'calls:read'] })
    expect((await revoke(body.id, body.key)).status).toBe(204)
  })

  test('at the same time as that one revokes it is let through, or the other, and never both', async () => {
    for (let round = 0; round < 5; round++) {
      const { body: one } = await make({ scopes: ['keys:write'] })
      const { body: other } = await make({ scopes: ['keys:write'] })
      const answers = await Promise.all([revoke(one.id, other.key), revoke(other.id, one.key)])
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 401])
    }
  })

  test('needs no scope that nobody has any more, nor does an admin need those of the platform', async () => {
    const { body: desk } = await make({ scopes: ['keys:write', 'calls:read'] })
    const { body: old } = await make()
    await auth.db
      .update(apiKeys)
      .set({ scopes: ['calls:read', 'calls:shout'] })
      .where(eq(apiKeys.id, old.id))
    expect((await revoke(old.id, desk.key)).status).toBe(204)
    const { body: former } = await make()
    await auth.db
      .update(apiKeys)
      .set({ scopes: ['ops:read'] })
      .where(eq(apiKeys.id, former.id))
    expect((await revoke(former.id)).status).toBe(204)
  })
})

test('who a key is tells what it may do now, not what it was made for', async () => {
  const { body: maker } = await auth.ask('POST', '/api/users', {
    token,
    body: { email: 'fallen@acme.example', name: 'F', role: 'admin', password },
  })
  const theirs = (await auth.login('fallen@acme.example')).accessToken
  const { body } = await make({ scopes: ['keys:write', 'calls:read'] }, theirs)
  expect((await me(body.key)).body.scopes).toEqual(['keys:write', 'calls:read'])
  await auth.ask('PATCH', `/api/users/${maker.id}`, { token, body: { role: 'operator' } })
  expect((await me(body.key)).body.scopes).toEqual(['calls:read'])
})

test("another client's key is not there", async () => {
  await auth.tenant('rival')
  const rival = (await auth.login('admin@rival.example')).accessToken
  const { body } = await make()
  expect((await revoke(body.id, rival)).status).toBe(404)
  const { body: list } = await auth.ask('GET', '/api/keys', { token: rival })
  expect(list).toEqual({ items: [], nextCursor: null })
  expect((await me(body.key)).status).toBe(200)
})

test('a list of keys goes page by page, and a cursor of another list is refused', async () => {
  const first = await auth.ask('GET', '/api/keys?limit=1', { token })
  expect(first.body.items).toHaveLength(1)
  const { nextCursor: cursor } = first.body
  const second = await auth.ask('GET', `/api/keys?limit=1&cursor=${cursor}`, { token })
  expect(second.body.items[0].id < first.body.items[0].id).toBe(true)
  const foreign = await auth.ask('GET', `/api/users?limit=1&cursor=${cursor}`, { token })
  expect(foreign.body.errors[0].path).toBe('query.cursor')
})

test('the last use of a key is written once a minute at most', async () => {
  const { body } = await make()
  const other = auth.replica()
  const lastUsed = async () => {
    const [row] = await auth.db.select().from(apiKeys).where(eq(apiKeys.id, body.id))
    return row?.lastUsedAt?.getTime()
  }
  const usedAt = auth.now()
  for (let use = 0; use < 20; use++) await me(body.key, other.ask)
  expect(await lastUsed()).toBeUndefined()
  await other.service.close()
  expect(await lastUsed()).toBe(usedAt)
})

// One session serves all of the embedded database: nothing waits for anything there.
if (isPostgres)
  test('the last use waits for no key that is being changed', async () => {
    const { body } = await make()
    const other = auth.replica()
    await me(body.key, other.ask)
    await auth.db.transaction(async (tx) => {
      await tx.select().from(apiKeys).where(eq(apiKeys.id, body.id)).for('update')
      await other.service.close()
    })
    const [row] = await auth.db.select().from(apiKeys).where(eq(apiKeys.id, body.id))
    expect(row?.lastUsedAt).toBeNull()
  })

describe('the form of a key', () => {
  const { key, hash } = formatApiKey('01890a5d-ac96-774b-bcce-b302099a8057', new Uint8Array(32))

  test('names its row', () => {
    expect(parseApiKey(key)).toEqual({ id: '01890a5d-ac96-774b-bcce-b302099a8057', hash })
  })

  test('is refused with any one character changed, left out or added', () => {
    for (let at = 0; at < key.length; at++) {
      const changed = key[at] === 'x' ? 'y' : 'x'
      expect(parseApiKey(key.slice(0, at) + changed + key.slice(at + 1))).toBeUndefined()
      expect(parseApiKey(key.slice(0, at) + key.slice(at + 1))).toBeUndefined()
      expect(parseApiKey(`${key.slice(0, at)}0${key.slice(at)}`)).toBeUndefined()
    }
  })
})
