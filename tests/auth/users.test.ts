import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { password, startAuth } from './support.ts'

let auth: Awaited<ReturnType<typeof startAuth>>
let token: string
let adminId: string
beforeAll(async () => {
  auth = await startAuth()
  await auth.tenant('acme', ['admin', 'operator', 'auditor'])
  const login = await auth.login('admin@acme.example')
  token = login.accessToken
  adminId = login.user.id
}, 60_000)
afterAll(() => auth.close())

const user = (email: string, role = 'operator') => ({ email, name: 'A Name', role, password })
const create = (email: string, role?: string) =>
  auth.ask('POST', '/api/users', { token, body: user(email, role) })
const patch = (id: string, body: object, as = token) =>
  auth.ask('PATCH', `/api/users/${id}`, { token: as, body })
const erase = (id: string, as = token) => auth.ask('DELETE', `/api/users/${id}`, { token: as })
const me = (as: string) => auth.ask('GET', '/api/auth/me', { token: as })

test('creating a user answers 201 with the user, who can log in', async () => {
  const { status, body } = await create('new@acme.example')
  expect(status).toBe(201)
  expect(body).toMatchObject({ email: 'new@acme.example', disabled: false, lastLoginAt: null })
  expect(body).not.toHaveProperty('passwordHash')
  expect((await auth.login('new@acme.example')).user.id).toBe(body.id)
  const [event] = await auth.events('USER_CREATED')
  expect(event).toMatchObject({
    actorId: adminId,
    resourceId: body.id,
    details: { role: 'operator' },
  })
})

test('an e-mail that has an account is refused with 409, in whichever case', async () => {
  expect((await create('Operator@ACME.example')).body.code).toBe('CONFLICT')
})

test('each fault of a new user is named, and none of its values', async () => {
  const body = { email: 'not an address', name: 'a\u0007b', role: 'king', password: 'short-secret' }
  const { status, body: problem } = await auth.ask('POST', '/api/users', {
    token,
    body: { ...body, password: 'short' },
  })
  expect(status).toBe(422)
  expect(problem.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
    'body.email',
    'body.name',
    'body.password',
    'body.role',
  ])
  expect(JSON.stringify(problem)).not.toMatch(/not an address|king|short"/)
})

describe('a name', () => {
  const named = (name: string) => patch(adminId, { name })

  test.each([
    ['a control character', 'a\u001b[31mb'],
    ['a line break', 'a\nb'],
    ['a line separator', 'a\u2028b'],
    ['a direction override', 'Ada\u202Egnp.exe'],
    ['a direction isolate', 'Ada\u2066x\u2069'],
    ['a direction mark', 'Ada\u200F'],
    ['an Arabic letter mark', 'Ada\u061C'],
    ['a zero-width space', 'A\u200Bda'],
    ['a byte order mark', '\uFEFFAda'],
    ['half a character', 'Ada\uD83D'],
    ['101 characters', 'a'.repeat(101)],
  ])('with %s is refused', async (_, name) => {
    expect((await named(name)).status).toBe(422)
  })

  test.each([
    ['क्\u200Dष'],
    ['می\u200Cخواهم'],
    ['👩\u200D💻'],
    ["Zoë O'Brien-Ōta"],
    ['山田太郎'],
    ['محمد'],
  ])('such as %p is taken', async (name) => {
    expect((await named(name)).body.name).toBe(name)
  })
})

test('the list has every user of the client once, page by page, and nobody else', async () => {
  const seen: string[] = []
  let query = '?limit=2'
  for (;;) {
    const { status, body } = await auth.ask('GET', `/api/users${query}`, { token })
    expect(status).toBe(200)
    expect(body.items.length).toBeLessThanOrEqual(2)
    seen.push(...body.items.map(({ email }: { email: string }) => email))
    if (body.nextCursor === null) break
    query = `?limit=2&cursor=${body.nextCursor}`
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toContain('admin@acme.example')
  expect(seen).not.toContain('admin@example.com')
  expect(seen.every((email) => email.endsWith('@acme.example'))).toBe(true)
})

test.each([['limit=0'], ['limit=101'], ['limit=x'], ['cursor=x'], ['cursor=e30'], ['other=1']])(
  'a list with %p is refused with 422',
  async (query) => {
    expect((await auth.ask('GET', `/api/users?${query}`, { token })).status).toBe(422)
  },
)

test('a new role ends the sessions of the user, whose next login has the new scopes', async () => {
  const { accessToken, user } = await auth.login('auditor@acme.example')
  const { status, body } = await patch(user.id, { role: 'operator' })
  expect([status, body.role]).toEqual([200, 'operator'])
  expect((await me(accessToken)).status).toBe(401)
  const [event] = await auth.events('USER_UPDATED')
  expect(event).toMatchObject({ resourceId: user.id, details: { fields: ['role'] } })
})

test('a new name leaves the sessions as they are', async () => {
  const { accessToken, user } = await auth.login('operator@acme.example')
  expect((await patch(user.id, { name: 'Other' })).body.name).toBe('Other')
  expect((await me(accessToken)).body.name).toBe('Other')
})

test('a disabled user is out at once, cannot log in, and is let in again when enabled', async () => {
  const { body } = await create('off@acme.example')
  const { accessToken } = await auth.login('off@acme.example')
  await patch(body.id, { disabled: true })
  expect((await me(accessToken)).status).toBe(401)
  expect((await auth.login('off@acme.example')).accessToken).toBeUndefined()
  const [failure] = await auth.events('LOGIN_FAILURE')
  expect(failure?.details).toEqual({ reason: 'disabled' })
  await patch(body.id, { disabled: false })
  expect((await auth.login('off@acme.example')).accessToken).toBeString()
  expect((await me(accessToken)).status).toBe(401)
})

test('an erased user leaves neither name nor e-mail, and the e-mail is free again', async () => {
  const { body } = await create('gone@acme.example')
  const { accessToken } = await auth.login('gone@acme.example')
  expect((await erase(body.id)).status).toBe(204)
  expect((await me(accessToken)).status).toBe(401)
  expect((await erase(body.id)).status).toBe(404)
  expect((await create('gone@acme.example')).status).toBe(201)
  const [event] = await auth.events('USER_ERASED')
  expect(event).toMatchObject({ resourceId: body.id, actorId: adminId })
})

describe('the last enabled admin of a client', () => {
  test.each([[{ role: 'operator' }], [{ disabled: true }]])('stays, against %p', async (change) => {
    expect((await patch(adminId, change)).body.code).toBe('CONFLICT')
  })

  test('cannot be erased, and a disabled admin does not count', async () => {
    const { body: second } = await create('second@acme.example', 'admin')
    await patch(second.id, { disabled: true })
    expect((await erase(adminId)).status).toBe(409)
    expect((await erase(second.id)).status).toBe(204)
  })

  test('is kept when two admins remove each other at once', async () => {
    for (let round = 0; round < 5; round++) {
      const tenant = `duel${round}`
      await auth.tenant(tenant, ['admin'])
      const one = await auth.login(`admin@${tenant}.example`)
      const { body: two } = await auth.ask('POST', '/api/users', {
        token: one.accessToken,
        body: user(`two@${tenant}.example`, 'admin'),
      })
      const other = await auth.login(`two@${tenant}.example`)
      const answers = await Promise.all([
        patch(two.id, { role: 'auditor' }, one.accessToken),
        erase(one.user.id, other.accessToken),
      ])
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
    }
  }, 60_000)
})

describe("another client's user", () => {
  test('is not there: 404 to read, change and erase', async () => {
    await auth.tenant('rival', ['admin', 'operator'])
    const rival = await auth.login('operator@rival.example')
    for (const { status, body } of [
      await patch(rival.user.id, { name: 'Mine' }),
      await erase(rival.user.id),
      await patch('01890000-0000-7000-8000-000000000000', { name: 'Nobody' }),
    ])
      expect([status, body.code]).toEqual([404, 'NOT_FOUND'])
    expect((await me(rival.accessToken)).body.name).toBe('operator')
  })

  test('of the platform is no more to be seen than any other', async () => {
    const platform = await auth.login('admin@example.com')
    expect((await erase(platform.user.id)).status).toBe(404)
    expect((await erase(adminId, platform.accessToken)).status).toBe(404)
  })
})

test('a key that may manage users but is no admin makes none, changes none, erases none', async () => {
  const { body: key } = await auth.ask('POST', '/api/keys', {
    token,
    body: { name: 'user desk', scopes: ['users:write', 'calls:read', 'calls:write'] },
  })
  const as = key.key as string
  const made = await auth.ask('POST', '/api/users', {
    token: as,
    body: user('mole@acme.example', 'admin'),
  })
  expect(made.body.code).toBe('FORBIDDEN')
  const { user: operator } = await auth.login('operator@acme.example')
  expect((await patch(operator.id, { role: 'admin' }, as)).status).toBe(403)
  expect((await patch(adminId, { name: 'Fool' }, as)).status).toBe(403)
  expect((await erase(adminId, as)).status).toBe(403)
})
