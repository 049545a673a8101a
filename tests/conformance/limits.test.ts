/** Rate limits as a client meets them, whoever it claims to be. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { adminOf, clientOf } from '../support/client.ts'
import { type Caly, startCaly } from '../support/process.ts'

/** As `/` and `\\` apart they may be. */
const webhookSecret = 's3cret:with@odd+signs&100%=?#'
const elsewhere = { email: 'nobody@example.com', password: 'not the right one' }

let tight: Caly
let trusting: Caly
let passwords: Caly
let keyed: Caly

beforeAll(async () => {
  ;[tight, trusting, passwords, keyed] = await Promise.all([
    startCaly({
      env: {
        RATE_LIMIT_GLOBAL: '4/4s',
        CALY_PROVIDER: 'simulator',
        EXOTEL_WEBHOOK_SECRET: webhookSecret,
      },
    }),
    startCaly({ env: { RATE_LIMIT_GLOBAL: '3/1h', TRUSTED_PROXIES: '127.0.0.0/8,::1' } }),
    startCaly({ env: { RATE_LIMIT_GLOBAL: '8/16s', RATE_LIMIT_AUTH: '4/1h' } }),
    startCaly({ env: { RATE_LIMIT_API: '6/1h' } }),
  ])
}, 180_000)
afterAll(async () => {
  await Promise.all([tight, trusting, passwords, keyed].map((caly) => caly.stop()))
}, 60_000)

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** Uses up what the address has left. */
async function exhaust(caly: Caly) {
  for (let i = 0; i < 20; i++) {
    const answer = await clientOf(caly)('GET', '/api')
    if (answer.status === 429) return answer
  }
  throw new Error('twenty requests are not limited')
}

test('unknown paths and broken bodies count, and to wait as long as Retry-After says is to get through', async () => {
  const stranger = clientOf(tight)
  const statuses = []
  for (let i = 0; i < 3; i++) {
    statuses.push((await stranger('GET', `/nothing-here/${i}`)).status)
    statuses.push((await stranger('POST', '/api/auth/login', '{"email": broken')).status)
  }
  expect(statuses.slice(0, 4)).toEqual([404, 400, 404, 400])
  expect(statuses.slice(4)).toEqual([429, 429])
  const refused = await exhaust(tight)
  const retryAfter = Number(refused.headers.get('retry-after'))
  expect(retryAfter).toBeGreaterThanOrEqual(1)
  await wait(retryAfter)
  expect((await stranger('GET', '/api')).status).toBe(200)
})

test('an untrusted client that claims another address with each request stays limited', async () => {
  await exhaust(tight)
  const claims = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'cf-connecting-ip', 'true-client-ip']
  for (const [i, name] of claims.entries()) {
    const value = name === 'forwarded' ? `for=203.0.113.${i}` : `203.0.113.${i}`
    expect((await clientOf(tight)('GET', '/api', undefined, { [name]: value })).status).toBe(429)
  }
})

test('guesses at a webhook secret count by address; the right secret does not, and has a limit of its own', async () => {
  await exhaust(tight)
  await wait(4)
  const guesses = []
  for (let i = 0; i < 6; i++)
    guesses.push((await clientOf(tight)('POST', `/api/webhooks/exotel/guess-${i}`, '{}')).status)
  expect(guesses.slice(0, 4)).toEqual([404, 404, 404, 404])
  expect(guesses).toContain(429)
  for (let i = 0; i < 8; i++) {
    const { status, headers } = await clientOf(tight)(
      'POST',
      `/api/webhooks/exotel/${encodeURIComponent(webhookSecret)}`,
      `{"n": ${i}}`,
    )
    expect(status).toBe(200)
    expect(headers.get('ratelimit-policy')).toBe('"webhook";q=2400;w=60')
  }
}, 20_000)

test('behind a trusted proxy each client has its own quota, IPv6 by its /56, mapped IPv4 as IPv4', async () => {
  const from = async (address: string) => {
    const headers = { 'x-forwarded-for': address }
    return (await clientOf(trusting)('GET', '/api', undefined, headers)).status
  }
  const askedBy = async (...addresses: readonly string[]) => {
    const statuses = []
    for (const address of addresses) statuses.push(await from(address))
    return statuses
  }
  expect(await askedBy('203.0.113.7', '203.0.113.7', '::ffff:203.0.113.7', '203.0.113.7')).toEqual([
    200, 200, 200, 429,
  ])
  expect(await askedBy('203.0.113.8')).toEqual([200])
  expect(
    await askedBy(
      '2001:db8:1:200::1',
      '2001:db8:1:2ff::2',
      '2001:db8:1:2ab::3',
      '2001:db8:1:201::',
    ),
  ).toEqual([200, 200, 200, 429])
  expect(await askedBy('2001:db8:1:300::1')).toEqual([200])
})

test('a wrong password counts as two right ones, and the longest wait of all limits is told', async () => {
  const stranger = clientOf(passwords)
  const logIn = (who: object) => stranger('POST', '/api/auth/login', who)
  const statuses = []
  for (const who of [passwords.admin, passwords.admin, elsewhere, elsewhere, elsewhere])
    statuses.push((await logIn(who)).status)
  expect(statuses).toEqual([200, 200, 401, 401, 401])
  const refused = await logIn(passwords.admin)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60)
  // The address's own limit is used up too by now; it would have said two seconds.
  await exhaust(passwords)
  const refusedEarlier = await logIn(passwords.admin)
  expect(refusedEarlier.status).toBe(429)
  expect(Number(refusedEarlier.headers.get('retry-after'))).toBeGreaterThan(60)
})

test('all keys of a user share one quota, and a statistic counts for five', async () => {
  const admin = await adminOf(keyed)
  const make = (name: string) => admin('POST', '/api/keys', { name, scopes: ['calls:read'] })
  const [one, other] = [(await make('one')).body, (await make('other')).body]
  const first = await clientOf(keyed, one.key)('GET', '/api/calls')
  expect(first.headers.get('x-ratelimit-remaining')).toBe('3')
  const second = await clientOf(keyed, other.key)('GET', '/api/calls')
  expect(second.headers.get('x-ratelimit-remaining')).toBe('2')
  expect((await clientOf(keyed, other.key)('GET', '/api/calls/stats')).status).toBe(429)
  expect((await clientOf(keyed, other.key)('GET', '/api/calls')).status).toBe(200)
})

test('a login over its limit is refused before its body is read', async () => {
  const stranger = clientOf(passwords)
  // Used up by an earlier test, or now.
  for (let i = 0; i < 5; i++) await stranger('POST', '/api/auth/login', elsewhere)
  const refused = await stranger('POST', '/api/auth/login', '{"email": broken')
  expect(refused.status).toBe(429)
})
