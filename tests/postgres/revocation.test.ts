/**
 * Two real processes on one database: what ends on the first, ends on the second within a second,
 * also while the second hears nothing.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { createDatabase } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'

const server = process.env['TEST_DATABASE_URL']
if (server === undefined) throw new Error('tests/postgres needs TEST_DATABASE_URL')

let scratch: Awaited<ReturnType<typeof createDatabase>>
let proxy: TcpProxy
let first: Caly
let second: Caly
let admin: Client
let losses = 0

beforeAll(async () => {
  scratch = await createDatabase(server)
  proxy = await tcpProxy(server)
  const env = {
    DATABASE_URL: scratch.url,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    RATE_LIMIT_GLOBAL: 'off',
    RATE_LIMIT_API: 'off',
    RATE_LIMIT_AUTH: 'off',
  }
  first = await startCaly({ env })
  second = await startCaly({
    env: { ...env, DATABASE_LISTEN_URL: proxy.through(scratch.url) },
  })
  admin = await adminOf(first)
  await said('heard', 1)
}, 120_000)
afterAll(async () => {
  await Promise.all([first.stop(), second.stop()])
  await proxy.close()
  await scratch.drop()
}, 30_000)

/** Waits until the second process says for the nth time that it hears, or has lost, the news. */
const said = (what: 'heard' | 'lost', times: number) =>
  eventually(
    async () => second.output().split(`news of other replicas is ${what}`).length - 1,
    (count) => count === times,
    15_000,
  )

const password = 'another horse battery staple'
let made = 0

/** A user with a session that both processes have seen. */
async function user() {
  const email = `user${made++}@example.com`
  const body = { email, name: 'U', role: 'operator', password }
  const { body: created } = await admin('POST', '/api/users', body)
  const { body: session } = await clientOf(first)('POST', '/api/auth/login', { email, password })
  return { id: created.id as string, token: session.accessToken as string }
}

interface Ending {
  /** What to hold against the second process. */
  readonly token: string
  end(): Promise<{ readonly status: number }>
}

const endings: Record<string, () => Promise<Ending>> = {
  'a logout': async () => {
    const { token } = await user()
    return { token, end: () => clientOf(first, token)('POST', '/api/auth/logout') }
  },
  'a new role': async () => {
    const { id, token } = await user()
    return { token, end: () => admin('PATCH', `/api/users/${id}`, { role: 'auditor' }) }
  },
  'a disabled user': async () => {
    const { id, token } = await user()
    return { token, end: () => admin('PATCH', `/api/users/${id}`, { disabled: true }) }
  },
  'an erased user': async () => {
    const { id, token } = await user()
    return { token, end: () => admin('DELETE', `/api/users/${id}`) }
  },
  'a new password': async () => {
    const { token } = await user()
    const body = { currentPassword: password, newPassword: 'yet another horse battery' }
    return { token, end: () => clientOf(first, token)('POST', '/api/auth/password', body) }
  },
  'a revoked API key': async () => {
    const { body } = await admin('POST', '/api/keys', { name: 'k', scopes: ['calls:read'] })
    return { token: body.key, end: () => admin('DELETE', `/api/keys/${body.id}`) }
  },
}

/** Milliseconds from the end, as the first process answers it, to the second one's refusal. */
async function timeToRefusal(make: () => Promise<Ending>, before: () => Promise<void>) {
  const { token, end } = await make()
  const there = clientOf(second, token)
  const ask = async () => (await there('GET', '/api/auth/me')).status
  // Known, and heard of long ago: nothing but the news can end it soon.
  expect(await ask()).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await ask()).toBe(200)
  await before()
  const { status } = await end()
  expect([200, 204]).toContain(status)
  const ended = performance.now()
  while ((await ask()) !== 401)
    if (performance.now() - ended > 5000) throw new Error('Still let in')
  return performance.now() - ended
}

describe.each(Object.entries(endings))('%s', (what, make) => {
  test('ends what the second replica believes within a second', async () => {
    const time = await timeToRefusal(make, async () => {})
    process.stdout.write(`${what}: ${time.toFixed(0)} ms\n`)
    expect(time).toBeLessThan(1000)
  }, 20_000)

  test('ends it within a second while the replica’s LISTEN connection is blackholed', async () => {
    const time = await timeToRefusal(make, () => proxy.set('swallow'))
    process.stdout.write(`${what}, blackholed: ${time.toFixed(0)} ms\n`)
    expect(time).toBeLessThan(1000)
    await said('lost', ++losses)
    await proxy.set('pass')
    await said('heard', losses + 1)
  }, 40_000)
})
