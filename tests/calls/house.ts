/** The calls of a real service: database, jobs, simulator, HTTP on a port of its own. */
import { randomBytes } from 'node:crypto'
import { Elysia } from 'elysia'
import { type Jobs, openJobs } from '../../db/jobs.ts'
import { createKeyring, type Keyring } from '../../db/keyring.ts'
import { clients } from '../../db/schema/index.ts'
import { directTrail } from '../../src/audit/index.ts'
import { authentication, type Principal, scopes } from '../../src/auth/index.ts'
import type { RawMessage } from '../../src/calls/exotel/message.ts'
import {
  type Call,
  type CallProvider,
  type CallService,
  type CallWithEvents,
  callRoutes,
  callService,
  rawBodyRoutes,
  registerCallJobs,
  simulator,
  webhookRoutes,
} from '../../src/calls/index.ts'
import { AuthenticationError } from '../../src/errors.ts'
import { bodyLimit } from '../../src/hooks/body-limit/index.ts'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import { limiter, memoryStore, quota } from '../../src/hooks/rate-limit/index.ts'
import { requestContext } from '../../src/hooks/request-context/index.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'

/** What a test may want otherwise. */
export interface HouseOptions {
  /** Milliseconds between two states of a simulated call. @default 30 */
  readonly step?: number
  /** @default 5 minutes */
  readonly reconcileAfter?: number
  /** Another provider than the simulator. */
  readonly provider?: CallProvider
  /** `ENCRYPTION_KEY`. @default the first replica's, or a random one */
  readonly keys?: readonly string[]
  /** Whether this process runs jobs. @default true */
  readonly jobs?: boolean
  /** A second replica: the first one's database and keys. */
  readonly beside?: Foundation
  /** Calls that may be live at a time. @default as many as come */
  readonly maxCalls?: number
  /** Callbacks a minute that are worked off at once. @default all */
  readonly callbacksAMinute?: number
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
  /** `EXOTEL_WEBHOOK_SECRET`. @default derived from the keys */
  readonly webhookSecrets?: readonly string[]
  /** `EXOTEL_ALLOWED_ADDRESSES`. @default anybody's */
  readonly callbackAddresses?: readonly string[]
  /** `TRUSTED_PROXIES`. @default none */
  readonly proxies?: readonly string[]
}

/** What replicas share. */
interface Foundation {
  readonly test: TestDatabase
  readonly keyring: Keyring
  readonly clientId: string
}

/** A running service. */
export type House = Awaited<ReturnType<typeof openHouse>>

export async function openHouse(options: HouseOptions = {}) {
  const { beside, step = 30, reconcileAfter = 300_000 } = options
  const test: TestDatabase = beside?.test ?? (await openTestDatabase())
  const { database } = test
  const keyring: Keyring =
    options.keys === undefined
      ? (beside?.keyring ?? createKeyring([randomBytes(32).toString('hex')]))
      : createKeyring(options.keys)
  const platform = beside?.clientId ?? (await newClient(test, 'platform'))
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const audit = directTrail({ client: database.client, keyring, platformClientId: () => platform })
  const jobs: Jobs = await openJobs({ database, onError })
  let base: URL | undefined
  const provider = options.provider ?? simulator({ step, callbackBase: () => base, onError })
  const service: CallService = callService({
    database,
    keyring,
    jobs,
    audit,
    provider,
    publicUrl: new URL('http://caly.example'),
    ...(options.now && { now: options.now }),
    maxCalls: options.maxCalls,
    webhookSecrets: options.webhookSecrets,
    callbackAddresses: options.callbackAddresses,
    onError,
  })
  const pace = limiter({
    name: 'webhook',
    quota:
      options.callbacksAMinute === undefined ? undefined : quota(options.callbacksAMinute, 60_000),
    store: memoryStore(),
    key: () => 'provider',
  })
  const app = new Elysia()
    .use(requestContext({ proxies: { trusted: options.proxies ?? [] } }))
    .use(bodyLimit({ limit: 1_048_576, raw: rawBodyRoutes }))
    .use(
      problemDetails({
        onProblem: (problem) => {
          if (problem.status === 500) errors.push(problem.cause)
        },
      }),
    )
    .use(callRoutes({ authentication: authentication({ service: door }), service }))
    .use(webhookRoutes({ service, bodyLimit: 1_048_576, limiter: pace }))
    .listen(0)
  base = new URL(`http://127.0.0.1:${app.server?.port}`)
  if (options.jobs !== false) await registerCallJobs({ service, reconcileAfter })

  const request = (path: string, init: ClientRequest = {}) => {
    const { client = platform, json, ...rest } = init
    const headers = new Headers(rest.headers)
    headers.set('x-client', client)
    if (json !== undefined) headers.set('content-type', 'application/json')
    const body = json === undefined ? {} : { body: JSON.stringify(json) }
    return fetch(new URL(path, base), { ...rest, headers, ...body })
  }

  /** A call with its events. */
  const read = async (id: string, client = platform) =>
    (await (await request(`/api/calls/${id}`, { client })).json()) as CallWithEvents

  return {
    test,
    keyring,
    database,
    service,
    jobs,
    provider,
    /** Of the client that requests are made for by default. */
    clientId: platform,
    /** What went wrong where nobody waited for it. */
    errors,
    base,

    /** A request as a client's API key, with all scopes. */
    request,
    read,

    /** Places a call to a number. */
    async place(to: string, more: object = {}): Promise<Call> {
      const json = { from: caller, to, ...more }
      const response = await request('/api/calls', { method: 'POST', json })
      if (response.status !== 202) throw new Error(`The call was answered ${response.status}`)
      return (await response.json()) as Call
    },

    /** The call, once it is over. */
    ended: (id: string) =>
      until(async () => {
        const call = await read(id)
        return open.includes(call.status) ? undefined : call
      }),

    /** Sends a message to the webhook as the provider would, at the address of a call. */
    callback(call: string | undefined, init: RequestInit & { query?: string } = {}) {
      const address = new URL(service.context.addresses.urlFor(call ?? ''))
      if (call === undefined) address.search = ''
      const query = [address.search.slice(1), init.query].filter(Boolean).join('&')
      return fetch(new URL(`${address.pathname}?${query}`, base), { method: 'POST', ...init })
    },

    /** Sends a message as it was read from a sample; the signed address is that of a call. */
    send(call: string | undefined, { method, query, contentType, body }: RawMessage) {
      const headers = contentType === '' ? {} : { 'content-type': contentType }
      return this.callback(call, {
        method,
        query,
        ...(method === 'POST' && { body, headers }),
      })
    },

    /** Rows of a query, for what no client is shown. */
    async rows(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
      const { rows } = await database.client.query(text, values)
      return [...rows] as Record<string, unknown>[]
    },

    newClient: (name: string) => newClient(test, name),

    /** Stops the process's part; the database closes with the first house. */
    async close() {
      await app.stop(true)
      await jobs.stop(2000)
      await service.close()
      if (beside === undefined) await test.close()
    },
  }
}

/** A request of a client; `json` becomes its body. */
interface ClientRequest extends RequestInit {
  /** @default the platform's own */
  readonly client?: string
  readonly json?: unknown
}

/** The number that calls are placed from. */
export const caller = '+919999900001'

const open: readonly string[] = ['queued', 'ringing', 'in-progress']

async function newClient({ database }: TestDatabase, name: string): Promise<string> {
  const [row] = await database.db
    .insert(clients)
    .values({ name, isPlatform: name === 'platform' })
    .returning()
  if (row === undefined) throw new Error('The client was not made')
  return row.id
}

/** Believes whoever says which client they are: authentication has tests of its own. */
const door: Parameters<typeof authentication>[0]['service'] = {
  async authenticate({ headers }): Promise<Principal> {
    const clientId = headers.get('x-client')
    if (clientId === null) throw new AuthenticationError('AUTHENTICATION_REQUIRED', 'Who is it?')
    return { type: 'api_key', id: 'test-key', clientId, isPlatform: false, scopes }
  },
  denials: { stranger: async () => {}, principal: async () => {} },
}

/** Asks until the answer is right, as a client would. Fails after the limit. */
export async function until<Value>(
  ask: () => Promise<Value | undefined>,
  limit = 10_000,
): Promise<Value> {
  const deadline = performance.now() + limit
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error('It did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
