import { describe, expect, test } from 'bun:test'
import { type Client, clientOf } from '../support/client.ts'
import { eventually } from '../support/process.ts'
import { type OpenTrio, sum, type Trio } from './trio.ts'

const password = 'another horse battery staple'
let users = 0

/** A user, logged in at one replica. */
async function newUser(admin: Client, at: Client) {
  const email = `user-${users++}@example.com`
  const user = { email, name: 'U', role: 'operator', password }
  const { id } = (await admin('POST', '/api/users', user)).body
  const { body } = await at('POST', '/api/auth/login', { email, password })
  return { id: String(id), token: String(body.accessToken), refreshToken: body.refreshToken }
}

/** What lets somebody in, and how it ends: both at one replica. */
const ends: readonly {
  readonly what: string
  /** Which replica, so that each is the one once. */
  readonly maker: number
  readonly make: (admin: Client, here: (token?: string) => Client) => Promise<Pass>
}[] = [
  {
    what: 'a session that is logged out',
    maker: 0,
    async make(admin, here) {
      const { token } = await newUser(admin, here())
      return { token, end: () => here(token)('POST', '/api/auth/logout') }
    },
  },
  {
    what: 'a session whose user changes the password',
    maker: 1,
    async make(admin, here) {
      const { token } = await newUser(admin, here())
      const change = { currentPassword: password, newPassword: `${password} anew` }
      return { token, end: () => here(token)('POST', '/api/auth/password', change) }
    },
  },
  {
    what: 'a session whose user gets another role',
    maker: 2,
    async make(admin, here) {
      const { id, token } = await newUser(admin, here())
      return { token, end: () => admin('PATCH', `/api/users/${id}`, { role: 'auditor' }) }
    },
  },
  {
    what: 'a key that is deleted',
    maker: 1,
    async make(admin) {
      const { body } = await admin('POST', '/api/keys', { name: 'k', scopes: ['calls:read'] })
      return { token: body.key, end: () => admin('DELETE', `/api/keys/${body.id}`) }
    },
  },
]

interface Pass {
  readonly token: string
  readonly end: () => Promise<{ readonly status: number }>
}

/** Milliseconds until every other replica refuses what it let in before. */
async function untilRefused({ replicas }: Trio, maker: number, { token, end }: Pass) {
  const others = replicas.filter((_, index) => index !== maker)
  const ask = () =>
    Promise.all(
      others.map(
        async (other) => (await clientOf(other.caly(), token)('GET', '/api/auth/me')).status,
      ),
    )
  // Twice: from now on they know it by heart.
  expect(await ask()).toEqual([200, 200])
  expect(await ask()).toEqual([200, 200])
  expect([200, 204]).toContain((await end()).status)
  const ended = performance.now()
  await eventually(ask, (statuses) => statuses.every((status) => status === 401))
  return performance.now() - ended
}

/** Sessions, keys and lockouts are one service's. */
export function signInSuite(trio: OpenTrio): void {
  describe.each(ends)('$what', ({ what, maker, make }) => {
    test('was good at the other two replicas at once, and ends there within a second', async () => {
      const { replicas } = trio()
      const here = (token?: string) =>
        clientOf(replicas[maker]?.caly() ?? replicas[0].caly(), token)
      const { admin } = replicas[0].caly()
      const { accessToken } = (await here()('POST', '/api/auth/login', admin)).body
      const pass = await make(here(accessToken), here)
      const time = await untilRefused(trio(), maker, pass)
      process.stdout.write(`${what}: ${time.toFixed(0)} ms\n`)
      expect(time).toBeLessThan(1000)
    })
  })

  test('a session is refreshed at any replica, and a refresh token that is used twice ends it at all', async () => {
    const { replicas } = trio()
    const [a, b, c] = replicas.map((replica) => clientOf(replica.caly()))
    if (!(a && b && c)) throw new Error('Three replicas are needed')
    const { refreshToken } = await newUser(await trio().admin(), a)
    const second = await b('POST', '/api/auth/refresh', { refreshToken })
    expect(second.status).toBe(200)
    expect((await c('POST', '/api/auth/refresh', { refreshToken })).status).toBe(401)
    const stolen = { refreshToken: second.body.refreshToken }
    expect((await a('POST', '/api/auth/refresh', stolen)).status).toBe(401)
  })

  test('failed logins at all replicas count together, and the account is locked at each, once', async () => {
    const { replicas, rows } = trio()
    const admin = await trio().admin()
    const email = 'guessed@example.com'
    await admin('POST', '/api/users', { email, name: 'U', role: 'operator', password })
    const login = async (index: number, given: string) => {
      const at = clientOf((replicas[index % replicas.length] ?? replicas[0]).caly())
      return (await at('POST', '/api/auth/login', { email, password: given })).status
    }
    // Four are free: no replica has seen as many by itself.
    for (let index = 0; index < 5; index += 1) expect(await login(index, 'a wrong guess')).toBe(401)
    for (let index = 0; index < replicas.length; index += 1)
      expect(await login(index, password)).toBe(401)
    const locked = `select count(*) as n from audit_logs where event_type = 'ACCOUNT_LOCKED'`
    expect(sum(await rows.query(locked))).toBe(1)
    // The control: whoever has only mistyped a few times gets in at any.
    const other = await newUserWhoMistypes(admin, replicas)
    expect((await clientOf(replicas[2].caly())('POST', '/api/auth/login', other)).status).toBe(200)
  })
}

async function newUserWhoMistypes(admin: Client, replicas: Trio['replicas']) {
  const email = 'typing@example.com'
  await admin('POST', '/api/users', { email, name: 'U', role: 'operator', password })
  for (const replica of replicas)
    await clientOf(replica.caly())('POST', '/api/auth/login', { email, password: 'oops' })
  return { email, password }
}
