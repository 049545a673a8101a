import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { argon2id } from 'hash-wasm'
import { decodeJwt } from 'jose'
import { auditLogs, users } from '../../db/schema/index.ts'
import { handClock, password, startAuth } from './support.ts'

let auth: Awaited<ReturnType<typeof startAuth>>
beforeAll(async () => {
  auth = await startAuth()
}, 60_000)
afterAll(() => auth.close())

const login = (email: string, given = password) =>
  auth.ask('POST', '/api/auth/login', { body: { email, password: given } })
const me = (token: string) => auth.ask('GET', '/api/auth/me', { token })
const refresh = (refreshToken: string) =>
  auth.ask('POST', '/api/auth/refresh', { body: { refreshToken } })

describe('login', () => {
  test('gives tokens and the user, and the access token is honoured at once', async () => {
    const { status, body } = await login('Admin@Example.com')
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresIn', 'refreshToken', 'user'])
    expect(body.expiresIn).toBe(900)
    expect(body.user).toEqual({
      id: body.user.id,
      email: 'admin@example.com',
      name: 'Administrator',
      role: 'admin',
      disabled: false,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      lastLoginAt: new Date(auth.now()).toISOString(),
    })
    const who = await me(body.accessToken)
    expect(who).toMatchObject({ status: 200, body: { email: 'admin@example.com' } })
  })

  test('with a wrong password is refused like one of an unknown user, and both are audited', async () => {
    const wrong = await login('admin@example.com', 'not the password')
    const unknown = await login('nobody@example.com', 'not the password')
    expect(wrong.status).toBe(401)
    expect({ ...wrong.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' })
    expect(wrong.body.code).toBe('INVALID_CREDENTIALS')
    const [second, first] = await auth.events('LOGIN_FAILURE')
    expect(first).toMatchObject({
      details: { reason: 'wrong_password' },
      clientId: auth.first.clientId,
      ip: '192.0.2.1',
      resourceId: (await auth.login('admin@example.com')).user.id,
    })
    expect(second).toMatchObject({ details: { reason: 'unknown_user' }, resourceId: null })
    expect(JSON.stringify([first, second])).not.toContain('example.com')
  })

  test('takes no longer for a known user than for an unknown one', async () => {
    const times = { known: [] as number[], unknown: [] as number[] }
    for (let round = 0; round < 15; round++)
      for (const who of ['known', 'unknown'] as const) {
        const begun = performance.now()
        await login(
          who === 'known' ? 'admin@example.com' : 'nobody@example.com',
          'not the password',
        )
        times[who].push(performance.now() - begun)
      }
    const ratio = median(times.known) / median(times.unknown)
    expect(ratio).toBeGreaterThan(1 / 1.5)
    expect(ratio).toBeLessThan(1.5)
  }, 30_000)

  test('refuses fields that it does not know, and passwords beyond 1024 bytes', async () => {
    const body = { email: 'admin@example.com', password, role: 'admin' }
    const unknown = await auth.ask('POST', '/api/auth/login', { body })
    expect(unknown).toMatchObject({ status: 422, body: { errors: [{ code: 'unknown' }] } })
    const long = await login('admin@example.com', 'é'.repeat(513))
    expect(long).toMatchObject({ status: 422, body: { errors: [{ path: 'body.password' }] } })
  })

  test('takes a password in whichever Unicode spelling it is typed', async () => {
    const token = (await auth.login('admin@example.com')).accessToken
    const [composed, decomposed] = ['caf\u00e9 au lait noir', 'cafe\u0301 au lait noir']
    await auth.ask('POST', '/api/users', {
      token,
      body: { email: 'unicode@example.com', name: 'U', role: 'operator', password: composed },
    })
    expect((await login('unicode@example.com', decomposed)).status).toBe(200)
  })
})

test('a hash that is weaker than today is made anew at the next login', async () => {
  const weak = await argon2id({
    password,
    salt: new Uint8Array(16),
    memorySize: 1024,
    iterations: 1,
    parallelism: 1,
    hashLength: 32,
    outputType: 'encoded',
  })
  const ofAdmin = eq(users.email, 'admin@example.com')
  await auth.db.update(users).set({ passwordHash: weak }).where(ofAdmin)
  expect((await login('admin@example.com')).status).toBe(200)
  const [row] = await auth.db.select().from(users).where(ofAdmin)
  expect(row?.passwordHash).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
  expect((await login('admin@example.com')).status).toBe(200)
})

describe('refresh', () => {
  test('gives new tokens of the same session, and the old access token stays good', async () => {
    const first = await auth.login('admin@example.com')
    const { status, body } = await refresh(first.refreshToken)
    expect(status).toBe(200)
    expect(body.refreshToken).not.toBe(first.refreshToken)
    expect((await me(body.accessToken)).status).toBe(200)
    expect((await me(first.accessToken)).status).toBe(200)
  })

  test('with a token that was used before ends the session, and is audited once', async () => {
    const stolen = await auth.login('admin@example.com')
    const { body: current } = await refresh(stolen.refreshToken)
    const other = await auth.login('admin@example.com')

    expect((await refresh(stolen.refreshToken)).status).toBe(401)
    expect((await refresh(current.refreshToken)).body.code).toBe('INVALID_CREDENTIALS')
    expect((await me(current.accessToken)).body.code).toBe('INVALID_CREDENTIALS')
    expect((await refresh(stolen.refreshToken)).status).toBe(401)
    expect((await me(other.accessToken)).status).toBe(200)

    const reuses = await auth.events('TOKEN_REUSE_DETECTED')
    expect(reuses).toHaveLength(1)
    expect(reuses[0]).toMatchObject({ severity: 'CRITICAL', clientId: auth.first.clientId })
  })

  test('of many at once with one token gives new tokens once at most', async () => {
    const { refreshToken } = await auth.login('admin@example.com')
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)))
    const granted = answers.filter(({ status }) => status === 200)
    expect(granted).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(7)
    // Two held the token: nobody keeps the session.
    expect((await refresh(granted[0]?.body.refreshToken)).status).toBe(401)
  })

  test('is over for a token of 30 days', async () => {
    const { refreshToken } = await auth.login('admin@example.com')
    auth.now.advance(30 * 24 * 3_600_000)
    const { status, body } = await refresh(refreshToken)
    expect([status, body.code]).toEqual([401, 'TOKEN_EXPIRED'])
  })

  test('is over 90 days after the login, however often the session was refreshed', async () => {
    let { refreshToken } = await auth.login('admin@example.com')
    const day = 24 * 3_600_000
    // The trail's partitions reach no further than the next months: the session is made older.
    const text = 'update refresh_tokens set session_started_at = session_started_at - $1::interval'
    await auth.database.client.query(text, ['80 days'])
    for (let days = 1; days < 10; days++) {
      auth.now.advance(day)
      const { status, body } = await refresh(refreshToken)
      expect(status).toBe(200)
      refreshToken = body.refreshToken
    }
    auth.now.advance(day)
    expect((await refresh(refreshToken)).body.code).toBe('TOKEN_EXPIRED')
  })

  test.each([['no token'], ['caly_refresh_tooshort'], [`caly_refresh_${'A'.repeat(43)}`]])(
    'refuses %p',
    async (token) => {
      expect((await refresh(token)).body.code).toBe('INVALID_CREDENTIALS')
    },
  )
})

describe('logout', () => {
  test('by access token ends its session, and leaves the others', async () => {
    const mine = await auth.login('admin@example.com')
    const other = await auth.login('admin@example.com')
    expect((await auth.ask('POST', '/api/auth/logout', { token: mine.accessToken })).status).toBe(
      204,
    )
    expect((await me(mine.accessToken)).body.code).toBe('INVALID_CREDENTIALS')
    expect((await refresh(mine.refreshToken)).status).toBe(401)
    expect((await me(other.accessToken)).status).toBe(200)
  })

  test('is seen by another replica within 400 ms, and at once where it is told', async () => {
    const monotonic = handClock(0)
    const other = auth.replica({ monotonic })
    const there = (token: string) => other.ask('GET', '/api/auth/me', { token })
    const [one, two] = [
      await auth.login('admin@example.com'),
      await auth.login('admin@example.com'),
    ]
    for (const { accessToken } of [one, two]) expect((await there(accessToken)).status).toBe(200)
    for (const { accessToken } of [one, two])
      await auth.ask('POST', '/api/auth/logout', { token: accessToken })
    other.service.forget({ kind: 'session', id: decodeJwt(one.accessToken)['sid'] as string })
    expect((await there(one.accessToken)).status).toBe(401)
    monotonic.advance(400)
    expect((await there(two.accessToken)).status).toBe(401)
    await other.service.close()
  })

  test('by refresh token needs no access token, and is no error for one that is not known', async () => {
    const { accessToken, refreshToken } = await auth.login('admin@example.com')
    const logout = (token: string) =>
      auth.ask('POST', '/api/auth/logout', { body: { refreshToken: token } })
    expect((await logout(refreshToken)).status).toBe(204)
    expect((await me(accessToken)).status).toBe(401)
    expect((await logout(refreshToken)).status).toBe(204)
    expect((await logout('caly_refresh_unknown')).status).toBe(204)
  })

  test('without anything is refused', async () => {
    const { body } = await auth.ask('POST', '/api/auth/logout')
    expect(body.code).toBe('AUTHENTICATION_REQUIRED')
  })

  test('that comes while the session is refreshed leaves no token behind', async () => {
    for (let round = 0; round < 10; round++) {
      const { accessToken, refreshToken } = await auth.login('admin@example.com')
      const [exchange] = await Promise.all([
        refresh(refreshToken),
        auth.ask('POST', '/api/auth/logout', { token: accessToken }),
      ])
      const left = exchange.body.refreshToken ?? refreshToken
      expect((await refresh(left)).status).toBe(401)
    }
  }, 30_000)
})

describe('a new password', () => {
  const change = (token: string, currentPassword: string, newPassword: string) =>
    auth.ask('POST', '/api/auth/password', { token, body: { currentPassword, newPassword } })

  test('ends all sessions, and is the one that counts from then on', async () => {
    const admin = await auth.login('admin@example.com')
    await auth.ask('POST', '/api/users', {
      token: admin.accessToken,
      body: { email: 'pw@example.com', name: 'P', role: 'auditor', password },
    })
    const [one, two] = [await auth.login('pw@example.com'), await auth.login('pw@example.com')]
    const next = 'another horse battery staple'
    expect((await change(one.accessToken, password, next)).status).toBe(204)
    for (const { accessToken, refreshToken } of [one, two]) {
      expect((await me(accessToken)).status).toBe(401)
      expect((await refresh(refreshToken)).status).toBe(401)
    }
    expect((await login('pw@example.com')).status).toBe(401)
    expect((await login('pw@example.com', next)).status).toBe(200)
    expect(await auth.events('PASSWORD_CHANGED')).toHaveLength(1)
  })

  test('needs the current one, 12 characters, and to be new', async () => {
    const { accessToken } = await auth.login('admin@example.com')
    const refusals = [
      [await change(accessToken, 'wrong password', 'a long enough one'), 'body.currentPassword'],
      [await change(accessToken, password, 'short'), 'body.newPassword'],
      [await change(accessToken, password, password), 'body.newPassword'],
    ] as const
    for (const [{ status, body }, path] of refusals)
      expect([status, body.errors[0].path]).toEqual([422, path])
    expect((await me(accessToken)).status).toBe(200)
  })
})

test('the trail of all of the above holds no password, token or e-mail', async () => {
  const rows = JSON.stringify(await auth.db.select().from(auditLogs))
  expect(rows.length).toBeGreaterThan(10_000)
  expect(rows).not.toMatch(/horse battery|not the password|caly_refresh_|caly_live_|eyJ|@example/)
})

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
