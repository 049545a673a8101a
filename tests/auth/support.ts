/** A small app with the real routes of src/auth, on a real database, for one test file. */
import { createHash } from 'node:crypto'
import { desc, eq } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { createKeyring, type DerivedKey } from '../../db/keyring.ts'
import { auditLogs } from '../../db/schema/index.ts'
import { directTrail } from '../../src/audit/index.ts'
import {
  type AuthServiceOptions,
  authentication,
  authRoutes,
  authService,
  createClient,
  createUser,
  firstClient,
  keyRoutes,
  passwordHasher,
  passwordLimits,
  type Role,
  userRoutes,
} from '../../src/auth/index.ts'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import { memoryStore } from '../../src/hooks/rate-limit/index.ts'
import { requestContext } from '../../src/hooks/request-context/index.ts'
import { openTestDatabase } from '../support/database.ts'

/** What a request got. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape of what it gets
  readonly body: any
}

/** A key of a keyring, derived from a word. */
export const derivedKey = (word: string): DerivedKey => ({
  id: word,
  key: createHash('sha256').update(word).digest(),
})

/** The password of every user of the tests. */
export const password = 'correct horse battery staple'

/** A clock that the test moves. */
export function handClock(start = Date.now()) {
  let time = start
  const now = () => time
  return Object.assign(now, {
    advance(milliseconds: number) {
      time += milliseconds
    },
  })
}

/** Opens a database and a service on it, with the platform's client and its first admin. */
export async function startAuth(options: Partial<AuthServiceOptions> = {}) {
  let queries = 0
  const test = await openTestDatabase({
    observer: {
      onUse() {
        queries += 1
      },
    },
  })
  const { db } = test.database
  const hasher = passwordHasher()
  const now = handClock()
  let platformId = ''
  const audit = directTrail({
    client: test.database.client,
    keyring: createKeyring(['00'.repeat(32)]),
    platformClientId: () => platformId,
    now,
  })
  const admin = { email: 'admin@example.com', password }
  const first = await firstClient({ db, audit, hasher, admin, production: false })
  if (first === undefined) throw new Error('The first client is there already')
  platformId = first.clientId

  /** Another process of the same service: its own caches and keys, the same database. */
  const replica = (own: Partial<AuthServiceOptions> = {}) => {
    const service = authService({
      db,
      audit,
      hasher,
      now,
      keyring: { keys: () => [derivedKey('current')] },
      ...options,
      ...own,
    })
    return { service, ask: client(appOf(service)) }
  }
  const { service, ask } = replica()

  return {
    db,
    database: test.database,
    audit,
    hasher,
    now,
    first,
    service,
    ask,
    replica,
    /** Another tenant with users of the given roles; their e-mail is `<role>@<name>.example`. */
    async tenant(name: string, roles: readonly Role[] = ['admin']) {
      const origin = { actorType: 'shell' } as const
      const tenant = await createClient({ db, audit }, { name }, origin)
      for (const role of roles)
        await createUser(
          { db, audit, hasher },
          { clientId: tenant.id, email: `${role}@${name}.example`, name: role, role, password },
          origin,
        )
      return tenant
    },
    async login(email: string) {
      const { body } = await ask('POST', '/api/auth/login', { body: { email, password } })
      return body as { accessToken: string; refreshToken: string; user: { id: string } }
    },
    /** How often a connection was used so far. */
    queries: () => queries,
    /** The rows of one type in the trail, newest first. */
    events: (type: string) =>
      db
        .select()
        .from(auditLogs)
        .where(eq(auditLogs.eventType, type))
        .orderBy(desc(auditLogs.createdAt), desc(auditLogs.id)),
    async close() {
      await service.close()
      await hasher.close()
      await test.close()
    },
  }
}

/** What a test's request may say beside method and path. */
export interface Asking {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  /** @default 192.0.2.1 */
  readonly from?: string
}

type Service = ReturnType<typeof authService>

/** How often passwords are tried is the business of other tests. */
const unlimited = {
  name: 'auth',
  quota: undefined,
  store: memoryStore(),
  key: () => undefined,
}

const addressHeader = 'x-test-address'

function appOf(service: Service) {
  const guard = authentication({ service })
  return new Elysia()
    .use(requestContext({ peerAddress: (request) => request.headers.get(addressHeader) ?? '' }))
    .use(problemDetails())
    .use(authRoutes({ service, guard, open: new Elysia(), limits: passwordLimits(unlimited) }))
    .use(userRoutes({ service, guard }))
    .use(keyRoutes({ service, guard }))
}

/** Asks an app without a socket in between. */
export function client(app: { handle(request: Request): Promise<Response> }) {
  return async (
    method: string,
    path: string,
    { body, token, headers = {}, from = '192.0.2.1' }: Asking = {},
  ): Promise<Answer> => {
    const response = await app.handle(
      new Request(`http://localhost${path}`, {
        method,
        headers: {
          [addressHeader]: from,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
}
