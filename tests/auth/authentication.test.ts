import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { type } from 'arktype'
import { Elysia } from 'elysia'
import { base64url, SignJWT } from 'jose'
import { authentication, roles, type Scope, scopes, scopesOf } from '../../src/auth/index.ts'
import { formatApiKey } from '../../src/auth/keys/format.ts'
import { AuthenticationError } from '../../src/errors.ts'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import { currentRequest, requestContext } from '../../src/hooks/request-context/index.ts'
import { accepts } from '../../src/hooks/validation/index.ts'
import { client, derivedKey, handClock, startAuth } from './support.ts'

let auth: Awaited<ReturnType<typeof startAuth>>
let session: Awaited<ReturnType<typeof auth.login>>
beforeAll(async () => {
  auth = await startAuth()
  await auth.tenant('acme', [...roles])
  session = await auth.login('admin@acme.example')
}, 60_000)
afterAll(() => auth.close())

const me = (token: string) => auth.ask('GET', '/api/auth/me', { token })

interface Forgery {
  readonly header?: object
  readonly claims?: object
  readonly key?: Uint8Array
}

/** A token like the session's own, but for what is given. */
async function forge({ header, claims, key = derivedKey('current').key }: Forgery = {}) {
  const [, payload = ''] = session.accessToken.split('.')
  const own = JSON.parse(new TextDecoder().decode(base64url.decode(payload)))
  return new SignJWT({ ...own, ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: 'current', typ: 'at+jwt', ...header })
    .sign(key)
}

/** The same, signed by hand: jose itself writes no such header. */
async function forgeByHand(header: object, sign: (input: string) => string) {
  const [, payload = ''] = (await forge()).split('.')
  const input = `${base64url.encode(JSON.stringify(header))}.${payload}`
  return `${input}.${sign(input)}`
}

const hmac = (algorithm: string) => (input: string) =>
  createHmac(algorithm, derivedKey('current').key).update(input).digest('base64url')

const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })

test('a forgery that differs in nothing is honoured: the table below tests what it says', async () => {
  expect((await me(await forge())).status).toBe(200)
})

const forgeries: Record<string, () => Promise<string> | string> = {
  'a changed payload': async () => {
    const [header, , signature] = session.accessToken.split('.')
    const [, payload] = (await forge({ claims: { sub: auth.first.clientId } })).split('.')
    return `${header}.${payload}.${signature}`
  },
  'a cut signature': () => session.accessToken.slice(0, -2),
  'no signature': () => session.accessToken.replace(/[^.]+$/, ''),
  'alg none': () => forgeByHand({ alg: 'none', kid: 'current', typ: 'at+jwt' }, () => ''),
  'alg None with a signature': () =>
    forgeByHand({ alg: 'None', kid: 'current', typ: 'at+jwt' }, hmac('sha256')),
  HS512: () => forgeByHand({ alg: 'HS512', kid: 'current', typ: 'at+jwt' }, hmac('sha512')),
  'HS256 with another key': () => forge({ key: derivedKey('guess').key }),
  'HS256 with a public key': () => forge({ key: new Uint8Array(publicKey) }),
  'another kid': () => forge({ header: { kid: 'other' } }),
  'no kid': () => forge({ header: { kid: undefined } }),
  'an embedded key': () => forge({ header: { kid: undefined, jwk: { kty: 'oct', k: 'AA' } } }),
  'an unknown critical extension': () =>
    forgeByHand(
      { alg: 'HS256', kid: 'current', typ: 'at+jwt', crit: ['exotic'], exotic: 1 },
      hmac('sha256'),
    ),
  'another type': () => forge({ header: { typ: 'JWT' } }),
  'another audience': () => forge({ claims: { aud: 'somebody' } }),
  'another issuer': () => forge({ claims: { iss: 'somebody' } }),
  'no expiry': () => forge({ claims: { exp: undefined } }),
  'no subject': () => forge({ claims: { sub: undefined } }),
  'no token id': () => forge({ claims: { jti: undefined } }),
  'a subject that is no id': () => forge({ claims: { sub: 'admin' } }),
  'another client': () => forge({ claims: { cid: auth.first.clientId } }),
  'the session of another user': () =>
    forge({ claims: { sid: '01890000-0000-7000-8000-000000000000' } }),
  'another epoch': () => forge({ claims: { epoch: 7 } }),
  'a refresh token': () => session.refreshToken,
  'an API key with a wrong checksum': () =>
    `${formatApiKey(crypto.randomUUID()).key.slice(0, -6)}000000`,
  'an API key that is not known': () => formatApiKey(crypto.randomUUID()).key,
  'an API key of a known id with another secret': async () => {
    const { body } = await auth.ask('POST', '/api/keys', {
      token: session.accessToken,
      body: { name: 'k', scopes: ['calls:read'] },
    })
    return formatApiKey(body.id).key
  },
  garbage: () => 'garbage',
  'three dots': () => 'a.b.c',
  'a very long token': () => 'a'.repeat(5000),
}

describe('a token is refused as INVALID_CREDENTIALS', () => {
  for (const [what, make] of Object.entries(forgeries))
    test(`with ${what}`, async () => {
      const token = await make()
      const { status, headers, body } = await me(token)
      expect([status, body.code]).toEqual([401, 'INVALID_CREDENTIALS'])
      expect(headers.get('www-authenticate')).toBe('Bearer realm="caly", error="invalid_token"')
      expect(JSON.stringify(body)).not.toContain(token)
    })

  test('with any one character changed, left out or added', async () => {
    const { accessToken: token } = session
    const { service } = auth
    // The last character carries two bits that mean nothing.
    for (let at = 0; at < token.length - 1; at++) {
      const other = token[at] === 'A' ? 'B' : 'A'
      const changed = token.slice(0, at) + other + token.slice(at + 1)
      for (const forged of [
        changed,
        token.slice(0, at) + token.slice(at + 1),
        `${token}${other}`,
      ]) {
        const headers = new Headers({ authorization: `Bearer ${forged}` })
        const refused = service.authenticate({ headers })
        await expect(refused).rejects.toBeInstanceOf(AuthenticationError)
      }
    }
  })

  test.each([
    ['two spaces', (token: string) => `Bearer  ${token}`],
    ['no space', (token: string) => `Bearer${token}`],
    ['two tokens', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['a comma', (token: string) => `Bearer ${token},`],
    ['quotes', (token: string) => `Bearer "${token}"`],
  ])('written with %s', async (_, write) => {
    const headers = { authorization: write(session.accessToken) }
    expect((await auth.ask('GET', '/api/auth/me', { headers })).status).toBe(401)
  })

  test('as X-API-Key, which takes API keys only', async () => {
    const headers = { 'x-api-key': session.accessToken }
    expect((await auth.ask('GET', '/api/auth/me', { headers })).status).toBe(401)
  })
})

test('the scheme is Bearer in any case, and another scheme counts as no credentials', async () => {
  const ask = (authorization: string) =>
    auth.ask('GET', '/api/auth/me', { headers: { authorization } })
  expect((await ask(`bEARER ${session.accessToken}`)).status).toBe(200)
  const basic = await ask('Basic YWRtaW46YWRtaW4=')
  expect([basic.status, basic.body.code]).toEqual([401, 'AUTHENTICATION_REQUIRED'])
  expect(basic.headers.get('www-authenticate')).toBe('Bearer realm="caly"')
})

test('a token is good for 15 minutes, then TOKEN_EXPIRED; forged, it is not called expired', async () => {
  const { accessToken } = await auth.login('admin@acme.example')
  const other = await forge({ claims: { exp: 1 }, key: derivedKey('guess').key })
  auth.now.advance(15 * 60_000 - 1000)
  expect((await me(accessToken)).status).toBe(200)
  auth.now.advance(1000)
  expect((await me(accessToken)).body.code).toBe('TOKEN_EXPIRED')
  expect((await me(other)).body.code).toBe('INVALID_CREDENTIALS')
  session = await auth.login('admin@acme.example')
})

test('a token outlives the rotation of its key, and dies with the removal of the key', async () => {
  const ring = [derivedKey('current')] as [
    ReturnType<typeof derivedKey>,
    ...ReturnType<typeof derivedKey>[],
  ]
  const { ask, service } = auth.replica({ keyring: { keys: () => ring } })
  const asked = (token: string) => ask('GET', '/api/auth/me', { token })
  expect((await asked(session.accessToken)).status).toBe(200)
  ring.unshift(derivedKey('next'))
  expect((await asked(session.accessToken)).status).toBe(200)
  const { body } = await ask('POST', '/api/auth/refresh', {
    body: { refreshToken: session.refreshToken },
  })
  expect((await asked(body.accessToken)).status).toBe(200)
  expect((await me(body.accessToken)).status).toBe(401)
  ring.pop()
  expect((await asked(session.accessToken)).status).toBe(401)
  await service.close()
  session = await auth.login('admin@acme.example')
})

test('a warm access token or API key costs no query, and neither does garbage', async () => {
  const { service } = auth.replica({ monotonic: () => 0 })
  const { body } = await auth.ask('POST', '/api/keys', {
    token: session.accessToken,
    body: { name: 'warm', scopes: ['calls:read'] },
  })
  const ask = (token: string) =>
    service.authenticate({ headers: new Headers({ authorization: `Bearer ${token}` }) })
  const garbage = [`${body.key.slice(0, -1)}-`, 'garbage', await forge({ header: { kid: 'x' } })]
  const all = async () => {
    for (const token of [session.accessToken, body.key]) await ask(token)
    for (const token of garbage) await ask(token).catch(() => {})
  }
  await all()
  const before = auth.queries()
  for (let round = 0; round < 50; round++) await all()
  expect(auth.queries()).toBe(before)
  await service.close()
})

test('while the changes of others are told, neither costs a query for a minute', async () => {
  const monotonic = handClock(0)
  const { service } = auth.replica({ monotonic, toldSince: () => 0 })
  const ask = () =>
    service.authenticate({
      headers: new Headers({ authorization: `Bearer ${session.accessToken}` }),
    })
  await ask()
  const before = auth.queries()
  monotonic.advance(59_999)
  await ask()
  expect(auth.queries()).toBe(before)
  monotonic.advance(1)
  await ask()
  expect(auth.queries()).toBe(before + 1)
  await service.close()
})

describe('the plugin', () => {
  const body = accepts('body', type({ '+': 'reject', number: 'string' }))
  const tiny = () => {
    const guard = authentication({ service: auth.service })
    const routes = new Elysia({ prefix: '/guarded' })
      .get('/before', () => 'open')
      .use(guard)
      .get('/who', ({ principal }) => ({ principal, known: currentRequest()?.principal }))
      .post('/calls', ({ body }) => body, { scope: 'calls:write', body })
    const others = new Elysia({ prefix: '/others' }).use(guard).get('/', () => 'guarded')
    const app = new Elysia()
      .use(requestContext())
      .use(problemDetails())
      .use(routes)
      .use(others)
      .get('/open', () => 'open')
      .post('/open', ({ body }) => body, { body })
    for (const scope of scopes)
      app.use(new Elysia().use(guard).get(pathOf(scope), () => scope, { scope }))
    return app
  }
  /** A colon would be a parameter. */
  const pathOf = (scope: Scope) => `/scope/${scope.replace(':', '-')}`
  const status = async (path: string, init: RequestInit = {}) =>
    (await tiny().handle(new Request(`http://localhost${path}`, init))).status
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  test('answers 401 before 403 before 422 before the handler', async () => {
    const { accessToken } = await auth.login('auditor@acme.example')
    const post = (token: string | undefined, number: unknown) =>
      status('/guarded/calls', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && bearer(token)) },
        body: JSON.stringify({ number }),
      })
    expect(await post(undefined, 1)).toBe(401)
    expect(await post(accessToken, 1)).toBe(403)
    expect(await post(session.accessToken, 1)).toBe(422)
    expect(await post(session.accessToken, '1')).toBe(200)
  })

  test('speaks for the routes after it in the instances that use it, and for no others', async () => {
    expect(await status('/guarded/before')).toBe(200)
    expect(await status('/guarded/who')).toBe(401)
    expect(await status('/others')).toBe(401)
    expect(await status('/open')).toBe(200)
    expect(await status('/nowhere')).toBe(404)
    expect(await status('/guarded/nowhere')).toBe(404)
  })

  test('tells the handler and the request context who is asking', async () => {
    const ask = client(tiny())
    const { body } = await ask('GET', '/guarded/who', { token: session.accessToken })
    expect(body.principal).toMatchObject({ type: 'user', id: session.user.id, role: 'admin' })
    expect(body.known).toMatchObject({ type: 'user', id: session.user.id })
  })

  test('lets each role do what the matrix says, in its own client and in the platform', async () => {
    const who = [
      ...roles.map((role) => ({ email: `${role}@acme.example`, role, isPlatform: false })),
      { email: 'admin@example.com', role: 'admin' as const, isPlatform: true },
    ]
    for (const { email, role, isPlatform } of who) {
      const { accessToken } = await auth.login(email)
      for (const scope of scopes) {
        const allowed = scopesOf(role, isPlatform).includes(scope)
        const got = await status(pathOf(scope), { headers: bearer(accessToken) })
        expect(`${email} ${scope} ${got}`).toBe(`${email} ${scope} ${allowed ? 200 : 403}`)
      }
    }
  })

  test('lets a key do what its scopes say, and no more', async () => {
    for (const scope of scopesOf('admin', false)) {
      const { body } = await auth.ask('POST', '/api/keys', {
        token: session.accessToken,
        body: { name: scope, scopes: [scope] },
      })
      for (const other of scopes) {
        const got = await status(pathOf(other), { headers: bearer(body.key) })
        expect(`${scope}: ${other} ${got}`).toBe(
          `${scope}: ${other} ${other === scope ? 200 : 403}`,
        )
      }
    }
  })
})

describe('refusals in the audit trail', () => {
  test('have one row by address and reason a minute for strangers', async () => {
    const garbage = (from: string) => auth.ask('GET', '/api/auth/me', { token: 'garbage', from })
    const denied = async () => {
      const events = await auth.events('ACCESS_DENIED')
      return events.filter(({ ip }) => ip?.startsWith('2001:db8:') || ip?.startsWith('198.51.'))
    }
    for (let attempt = 0; attempt < 50; attempt++) await garbage('198.51.100.7')
    expect(await denied()).toHaveLength(1)
    await auth.ask('GET', '/api/auth/me', { from: '198.51.100.7' })
    await garbage('198.51.100.8')
    expect(await denied()).toHaveLength(3)
    for (let host = 1; host < 50; host++) await garbage(`2001:db8:1:2${host % 10}::${host}`)
    await garbage('2001:db8:1:300::1')
    const rows = await denied()
    expect(rows).toHaveLength(5)
    expect(rows.map(({ details }) => details['reason'])).toContain('no_credentials')
    expect(rows.every(({ clientId }) => clientId === auth.first.clientId)).toBe(true)
  })

  test('have a row for each scope that a known principal lacks, under its client', async () => {
    const { accessToken, user } = await auth.login('auditor@acme.example')
    await auth.ask('GET', '/api/users', { token: accessToken })
    // The same refusal may be a minute old.
    const denied = await auth.events('ACCESS_DENIED')
    const event = denied.find(
      ({ actorId, details }) => actorId === user.id && details['scope'] === 'users:write',
    )
    expect(event).toMatchObject({
      actorType: 'user',
      outcome: 'denied',
      details: { reason: 'missing_scope', scope: 'users:write' },
      path: '/api/users',
      statusCode: 403,
    })
    expect(event?.clientId).not.toBe(auth.first.clientId)
  })
})
