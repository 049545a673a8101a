/** API2:2023. Passwords guessed, credentials stuffed, tokens forged, and what gets in without any. */

import { describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { password } from '../security/matrix.ts'
import { type Exposed, shapeOf } from './exposed.ts'
import { forgeries } from './forged-tokens.ts'
import { nobodysId, words } from './surface.ts'

const filled = (path: string) => path.replace(/\{\w+\}/, nobodysId)

/** Long enough, and among the first that anybody would try. */
const weak = words(`
  password1234 Password123! passwordpassword qwertyuiop12 1234567890123 123456789012 aaaaaaaaaaaa
  abcabcabcabc iloveyou1234 letmein12345 administrator caly-caly-caly exotelexotel P@ssw0rd1234 short
`)

/** Bodies that hold many guesses, or one that is none. */
const batches = (email: string): readonly unknown[] => [
  [
    { email, password },
    { email, password: 'second guess' },
  ],
  { email, password: [password, 'second guess'] },
  { email: [email, 'other@caly.example'], password },
  { email, password: { $ne: '' } },
  { email: { $gt: '' }, password: { $gt: '' } },
  { email, password: true },
  { email, password: null },
  { email },
  `{"email":"${email}","password":"a","password":"b"}`,
  { email, password, remember: true },
  { query: 'mutation { a: login(password: "1") b: login(password: "2") }' },
]

/** Registers its attempts. */
export function authentication(stage: Exposed): void {
  const { ada, bob, canary, from, guarded, newAddress } = stage
  const logIn = (address: string, email: string, guess: string, more = {}) =>
    from(address)('POST', '/api/auth/login', { email, password: guess }, more)

  describe('API2:2023 Broken Authentication', () => {
    test('a list of stolen credentials from one address ends after ten, for all accounts, the right one too', async () => {
      const thief = newAddress()
      const statuses: number[] = []
      for (let i = 0; i < 12; i += 1)
        statuses.push((await logIn(thief, `user${i}@caly.example`, `stolen password ${i}`)).status)
      expect(statuses).toEqual([...Array(10).fill(401), 429, 429])
      const hit = await logIn(thief, bob.email, password)
      expect([hit.status, hit.body.code]).toEqual([429, 'RATE_LIMITED'])
      expect(Number(hit.headers.get('retry-after'))).toBeGreaterThan(60)
      // Whatever else the thief says of where they are: the proxy appends its own.
      for (const name of [
        'x-real-ip',
        'forwarded',
        'true-client-ip',
        'cf-connecting-ip',
        'user-agent',
      ])
        expect((await logIn(thief, bob.email, password, { [name]: '203.0.113.9' })).status).toBe(
          429,
        )
    })

    test('guesses at one account from many addresses close it to all but its user’s usual place', async () => {
      for (let i = 0; i < 10; i += 1)
        expect((await logIn(newAddress(), ada.email, `guess number ${i}`)).status).toBe(401)
      const right = await logIn(newAddress(), ada.email, password)
      expect([right.status, right.body.code]).toEqual([401, 'INVALID_CREDENTIALS'])
      expect((await logIn(ada.address, ada.email, password)).status).toBe(200)
    })

    test('a wrong password, an unknown e-mail and a closed account are answered alike, to the last header', async () => {
      const [known, closed, ...unknown] = await Promise.all([
        logIn(newAddress(), bob.email, 'not the right one'),
        logIn(newAddress(), ada.email, password),
        logIn(newAddress(), 'nobody@caly.example', password),
        logIn(newAddress(), 'nobody@elsewhere.example', 'not the right one'),
      ])
      for (const answer of [closed, ...unknown]) expect(shapeOf(answer)).toEqual(shapeOf(known))
    })

    test('no body tries more than one password, and none gets in without one', async () => {
      for (const body of batches(bob.email)) {
        const { status, body: answer } = await from()('POST', '/api/auth/login', body)
        expect([JSON.stringify(body), [400, 422].includes(status)]).toEqual([
          JSON.stringify(body),
          true,
        ])
        expect(JSON.stringify(answer)).not.toContain('accessToken')
      }
    })

    test('the token that the forgeries below start from is taken', async () => {
      const { body } = await from(bob.address, bob.token)('GET', '/api/auth/me')
      expect(body.id).toBe(bob.id)
    })

    for (const [what, forge] of Object.entries(forgeries))
      test(`a token ${what} opens no route`, async () => {
        const forger = from(newAddress(), forge(bob.token, ada.token, canary.port))
        const statuses = await Promise.all(
          guarded.map(async ({ route }) => {
            const [method = '', path = ''] = route.split(' ')
            return (await forger(method, filled(path))).status
          }),
        )
        expect(new Set(statuses)).toEqual(new Set([401]))
        expect(canary.hits()).toBe(0)
      })

    test('a key that the service publishes, or that anybody would guess, signs no token', async () => {
      const asAdmin = from(stage.admin.address, stage.admin.token)
      const { body: verification } = await asAdmin('GET', '/api/audit/verify')
      const published = verification.keys.flatMap(
        ({ publicKey, keyId }: Record<string, string>) => [
          ...[publicKey, keyId, Buffer.from(publicKey ?? '', 'base64')],
        ],
      )
      const guesses = words(
        'secret password changeme caly jwt-secret key test 0'.concat(' ', '0'.repeat(64)),
      )
      const [head = '', payload = ''] = bob.token.split('.')
      for (const key of ['', ...published, ...guesses, Buffer.alloc(32), Buffer.alloc(64)]) {
        const signature = createHmac('sha256', key).update(`${head}.${payload}`).digest('base64url')
        const { status } = await from(undefined, `${head}.${payload}.${signature}`)(
          'GET',
          '/api/auth/me',
        )
        expect(status).toBe(401)
      }
    })

    test('credentials in the address, in a cookie or in a form open no route', async () => {
      const shown = ['access_token', 'token', 'api_key', 'apikey', 'key', 'authorization', 'jwt']
      const query = shown.map((name) => `${name}=${bob.token}`).join('&')
      const cookie = shown.map((name) => `${name}=${bob.token}`).join('; ')
      const ask = from()
      for (const { route } of guarded) {
        const [method = '', path = ''] = route.split(' ')
        expect([route, (await ask(method, `${filled(path)}?${query}`)).status]).toEqual([
          route,
          401,
        ])
        const { status } = await ask(method, filled(path), undefined, { cookie })
        expect([route, status]).toEqual([route, 401])
      }
    })

    test('who holds a stolen token cannot take the account over: password, e-mail and role ask for more', async () => {
      const thief = from(newAddress(), bob.token)
      const newPassword = 'a better horse, a new battery'
      const change = (body: object) => thief('POST', '/api/auth/password', body)
      expect((await change({ newPassword })).status).toBe(422)
      expect((await change({ currentPassword: '', newPassword })).status).toBe(422)
      expect((await change({ currentPassword: 'a guess at it', newPassword })).status).toBe(422)
      for (const body of [
        { email: 'thief@caly.example' },
        { password: newPassword },
        { role: 'admin' },
      ])
        expect([403, 422]).toContain((await thief('PATCH', `/api/users/${bob.id}`, body)).status)
      const { status, headers } = await logIn(bob.address, bob.email, password)
      expect([status, headers.get('set-cookie'), headers.get('cache-control')]).toEqual([
        200,
        null,
        'no-store',
      ])
    })

    test('a weak password is taken for no new user and by no change', async () => {
      const asAdmin = from(stage.admin.address, stage.admin.token)
      for (const guess of weak) {
        const asBob = from(newAddress(), bob.token)
        const user = { email: 'new@caly.example', name: 'New', role: 'auditor', password: guess }
        const made = await asAdmin('POST', '/api/users', user)
        const changed = await asBob('POST', '/api/auth/password', {
          ...{ currentPassword: password, newPassword: guess },
        })
        expect([guess, made.status, changed.status]).toEqual([guess, 422, 422])
      }
    })

    test('an access token lives for 15 minutes, and names neither person nor role', async () => {
      const claims = JSON.parse(Buffer.from(bob.token.split('.')[1] ?? '', 'base64url').toString())
      expect(claims.exp - claims.iat).toBe(900)
      for (const told of [bob.email, 'operator', 'scope'])
        expect(JSON.stringify(claims)).not.toContain(told)
      expect(bob.refreshToken).toMatch(/^caly_refresh_[\w-]{43}$/)
    })
  })
}
