/**
 * The API's document against the service, both ways: every status that it names for an operation is
 * answered here, with the body that it promises, and nothing is answered that it does not name.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { v7 as uuidv7 } from 'uuid'
import { formatApiKey } from '../../src/auth/keys/format.ts'
import { createDatabase, isPostgres, openDatabaseOf } from '../support/database.ts'
import { type ExotelStandIn, exotelStandIn } from '../support/exotel.ts'
import { type PlainAnswer, send } from '../support/http.ts'
import { type Conformance, conformanceTo, type PlacedOperation } from '../support/openapi.ts'
import { type Caly, eventually, freePort, startCaly } from '../support/process.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'

const server = process.env['TEST_DATABASE_URL']
const webhookSecret = 'conformance-webhook-secret'
const metricsToken = 'conformance-metrics-token'

/** One process for what a healthy service answers, one whose database is taken away. */
let healthy: Caly
let failing: Caly
/** One that places its calls over Exotel, for what only a real provider answers. */
let overExotel: Caly
let exotel: ExotelStandIn
let databaseOfFailing: { readonly url: string; readonly drop: () => Promise<void> } | undefined
let proxy: TcpProxy | undefined
let api: Conformance
let admin: string

const common = {
  TRUSTED_PROXIES: '127.0.0.1,::1',
  CALY_PROVIDER: 'simulator',
  EXOTEL_WEBHOOK_SECRET: webhookSecret,
  METRICS_TOKEN: metricsToken,
  RATE_LIMIT_API: 'off',
  RATE_LIMIT_AUTH: 'off',
}

beforeAll(async () => {
  databaseOfFailing = server === undefined ? undefined : await createDatabase(server)
  proxy = databaseOfFailing && (await tcpProxy(databaseOfFailing.url))
  exotel = await exotelStandIn()
  const port = await freePort()
  ;[healthy, failing, overExotel] = await Promise.all([
    startCaly({ env: { ...common, ANOMALY_MODE: 'block', RATE_LIMIT_GLOBAL: '40/1h' } }),
    startCaly({
      env: {
        ...common,
        FORCE_HTTPS: 'on',
        REQUEST_TIMEOUT: '2s',
        RATE_LIMIT_GLOBAL: 'off',
        DB_CONNECTION_TIMEOUT: '1s',
        DATABASE_URL: proxy && databaseOfFailing && proxy.through(databaseOfFailing.url),
      },
    }),
    startCaly({
      env: {
        ...common,
        ...exotel.env,
        PORT: String(port),
        PUBLIC_URL: `http://localhost:${port}`,
        RECONCILE_AFTER: '1s',
      },
    }),
  ])
  const document = await send(healthy.port, { method: 'GET', path: '/docs/json' })
  api = conformanceTo(JSON.parse(document.body))
  admin = (await logIn(healthy, healthy.admin)).accessToken
}, 120_000)
afterAll(async () => {
  await Promise.all([healthy.stop(), failing.stop(), overExotel.stop()])
  await exotel.close()
  await proxy?.close()
  await databaseOfFailing?.drop()
}, 60_000)

/** What a request has beside its operation. */
interface Asking {
  readonly caly?: Caly
  /** A bearer; null for a stranger. @default the admin's access token */
  readonly as?: string | null
  /** For the one parameter in a path. @default a UUID of nobody */
  readonly param?: string
  readonly query?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

let addresses = 0

/** Asks, each time from another address, and holds the answer against the document. */
async function ask(operation: PlacedOperation | string, asking: Asking = {}): Promise<PlainAnswer> {
  const found = typeof operation === 'string' ? api.operation(operation) : operation
  const { caly = healthy, as = admin, query = '', body, headers = {} } = asking
  const param = asking.param ?? (found.path.includes('{secret}') ? webhookSecret : nobody)
  addresses += 1
  const answer = await send(caly.port, {
    method: found.method,
    path: found.path.replace(/\{\w+\}/, param) + query,
    headers: {
      'x-forwarded-proto': 'https',
      'x-forwarded-for': `198.51.${addresses >> 8}.${addresses & 255}`,
      ...(as !== null && { authorization: `Bearer ${as}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  api.observe(found, answer)
  if (answer.status === 500 && caly === healthy)
    throw new Error(`${found.operationId} failed inside:\n${caly.output().slice(-3000)}`)
  return answer
}

/** Asks every operation, and says how each was answered. */
async function askAll(asking: (operation: PlacedOperation) => Asking): Promise<Set<number>> {
  const answers = await Promise.all(api.operations.map((each) => ask(each, asking(each))))
  return new Set(answers.map(({ status }) => status))
}

const nobody = '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00'
const hasBody = ({ method }: PlacedOperation) => method !== 'get'
const exampleOf = (operation: PlacedOperation) =>
  hasBody(operation) ? { body: operation.example ?? {} } : {}

async function logIn(caly: Caly, body: object) {
  const answer = await send(caly.port, {
    method: 'POST',
    path: '/api/auth/login',
    headers: { 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
    body: JSON.stringify(body),
  })
  return JSON.parse(answer.body)
}

/** What an operation answers, read; it must be of the status. */
async function made(status: number, operation: string, asking: Asking) {
  const answer = await ask(operation, asking)
  expect([operation, answer.status]).toEqual([operation, status])
  return answer.body === '' ? undefined : JSON.parse(answer.body)
}

const password = 'correct horse battery staple'
let people = 0

async function newUser(role = 'operator') {
  people += 1
  const body = { email: `user${people}@example.com`, name: 'Ada', role, password }
  return await made(201, 'createUser', { body })
}

const newKey = async (...scopes: string[]) =>
  await made(201, 'createKey', { body: { name: 'key', scopes } })

const call = { from: '+919876543210', to: '+919812345678', record: true }
const newCall = async () => await made(202, 'placeCall', { body: call })
const sessionOf = ({ email }: { email: string }) => logIn(healthy, { email, password })

/** Operation, status, and a request that gets it. */
const cases: readonly (readonly [string, number, () => Asking | Promise<Asking>])[] = [
  ['getLiveness', 200, () => ({})],
  ['getReadiness', 200, () => ({})],
  ['getHealth', 200, () => ({ as: metricsToken })],
  ['getFigures', 200, () => ({ as: metricsToken })],
  ['getMetrics', 200, () => ({ as: metricsToken })],
  ['getService', 200, () => ({ as: null })],
  ['logIn', 200, () => ({ body: healthy.admin })],
  ['logIn', 401, () => ({ body: { email: 'nobody@example.com', password: 'wrong' } })],
  ['refreshSession', 200, async () => ({ body: tokenOf(await sessionOf(await newUser())) })],
  ['refreshSession', 401, () => ({ body: api.operation('refreshSession').example })],
  ['logOut', 204, async () => ({ body: tokenOf(await sessionOf(await newUser())) })],
  ['logOut', 204, async () => ({ as: (await sessionOf(await newUser())).accessToken })],
  ['logOut', 401, () => ({ as: null })],
  ['logOut', 403, async () => ({ as: (await newKey('calls:read')).key })],
  ['getMe', 200, () => ({})],
  ['getMe', 200, async () => ({ as: (await newKey('calls:read')).key })],
  [
    'changePassword',
    204,
    async () => ({
      as: (await sessionOf(await newUser())).accessToken,
      body: { currentPassword: password, newPassword: `${password}!` },
    }),
  ],
  ['listUsers', 200, () => ({ query: '?limit=1' })],
  ['createUser', 409, async () => ({ body: { ...(await person()), password } })],
  ['updateUser', 200, async () => ({ param: (await newUser()).id, body: { name: 'Grace' } })],
  ['updateUser', 404, () => ({ body: { name: 'Grace' } })],
  ['updateUser', 409, async () => ({ param: await ownId(), body: { disabled: true } })],
  ['eraseUser', 204, async () => ({ param: (await newUser()).id })],
  ['eraseUser', 404, () => ({})],
  ['eraseUser', 409, async () => ({ param: await ownId() })],
  ['listKeys', 200, () => ({ query: '?limit=100' })],
  ['revokeKey', 204, async () => ({ param: (await newKey('calls:read')).id })],
  ['revokeKey', 404, () => ({})],
  ['listCalls', 200, () => ({ query: '?status=queued&direction=outbound&from=2026-01-01' })],
  ['searchCalls', 200, () => ({ body: { number: call.to } })],
  ['getCallStats', 200, () => ({})],
  ['getCall', 200, async () => ({ param: (await newCall()).id })],
  ['getCall', 404, () => ({})],
  ['updateCall', 200, async () => ({ param: (await newCall()).id, body: { tags: ['vip'] } })],
  ['updateCall', 404, () => ({ body: { notes: 'none' } })],
  ['eraseCall', 204, async () => ({ param: (await newCall()).id })],
  ['eraseCall', 404, () => ({})],
  ['getRecording', 200, async () => ({ param: await recordedCall() })],
  ['getRecording', 404, () => ({})],
  ['placeCall', 404, async () => ({ body: call, headers: await keyOfErasedCall() })],
  ['listAuditEvents', 200, () => ({ query: '?eventType=LOGIN_*&severity=INFO&limit=100' })],
  ['exportAuditEvents', 200, () => ({ query: '?from=2026-01-01' })],
  ['exportAuditEvents', 200, () => ({ query: '?format=csv' })],
  ['verifyAuditTrail', 200, () => ({})],
  ['listScans', 200, () => ({ query: '?limit=1' })],
  ['startScan', 202, () => ({})],
  ['startScan', 202, () => ({ body: {} })],
  ['getScan', 200, async () => ({ param: (await made(202, 'startScan', {})).id })],
  ['getScan', 404, () => ({})],
  ['listVulnerabilities', 200, () => ({ query: '?status=all&severity=high&package=lodash' })],
  ['receivePassthru', 200, () => ({ query: '?CallSid=none' })],
  ['receivePassthru', 404, () => ({ param: 'guess' })],
  ['receiveCallback', 200, () => ({ body: 'neither JSON nor a form' })],
  ['receiveCallback', 404, () => ({ param: 'guess', body: {} })],
]

const tokenOf = ({ refreshToken }: { refreshToken: string }) => ({ refreshToken })
const ownId = async () => (await made(200, 'getMe', {})).id

async function person() {
  const { email, name, role } = await newUser()
  return { email, name, role }
}

async function recordedCall(): Promise<string> {
  const { id } = await newCall()
  await eventually(
    () => made(200, 'getCall', { param: id }),
    ({ recordingAvailable }) => recordingAvailable === true,
  )
  return id
}

async function keyOfErasedCall() {
  const headers = { 'idempotency-key': 'of-an-erased-call' }
  const { id } = await made(202, 'placeCall', { body: call, headers })
  await made(204, 'eraseCall', { param: id })
  return headers
}

describe('a healthy service', () => {
  cases.forEach(([operation, status, asking], index) => {
    test(`${operation} answers ${status} as documented (case ${index + 1})`, async () => {
      expect((await ask(operation, await asking())).status).toBe(status)
    })
  })

  test('two changes of one password at once are answered 204 and 409', async () => {
    const body = (word: string) => ({ currentPassword: password, newPassword: password + word })
    const both = async () => {
      const { accessToken: as } = await sessionOf(await newUser())
      const changes = ['one', 'two'].map((word) => ask('changePassword', { as, body: body(word) }))
      return (await Promise.all(changes)).map(({ status }) => status).sort()
    }
    // One that comes after the other has ended is told 422: its current password is wrong by then.
    await eventually(both, ([first, second]) => first === 204 && second === 409)
  }, 20_000)

  // One session serves all of the embedded database: twins come one after the other there.
  if (isPostgres)
    test('a call whose twin is still in work is answered 409', async () => {
      const database = await openDatabaseOf(healthy)
      const asking = { body: call, headers: { 'idempotency-key': 'twin' } }
      const { status } = await database.holding('lock table idempotency_keys', () =>
        ask('placeCall', asking),
      )
      expect(status).toBe(409)
      await database.close()
    }, 20_000)
})

describe('a service that places its calls over Exotel', () => {
  let recorded: Asking

  beforeAll(async () => {
    const as = (await logIn(overExotel, overExotel.admin)).accessToken
    const asking = { caly: overExotel, as }
    const { id } = await made(202, 'placeCall', { ...asking, body: call })
    await eventually(
      () => made(200, 'getCall', { ...asking, param: id }),
      ({ status, recordingAvailable }) => status === 'completed' && recordingAvailable,
    )
    recorded = { ...asking, param: id }
  })

  for (const [told, status] of [
    [200, 200],
    [503, 502],
    [504, 504],
    [404, 404],
  ] as const)
    test(`answers ${status} for a recording whose host answers ${told}`, async () => {
      exotel.recordingStatus = told
      expect((await ask('getRecording', recorded)).status).toBe(status)
    })
})

describe('every operation answers as documented', () => {
  test('to a host that is too short to be a name', async () => {
    expect(await askAll(() => ({ headers: { host: 'x' } }))).toEqual(new Set([400]))
  })

  test('to a host that is not served', async () => {
    expect(await askAll(() => ({ headers: { host: 'elsewhere.example' } }))).toContain(421)
  })

  test('to a body that is announced as too large', async () => {
    const headers = { 'content-length': '50000000', 'content-type': 'application/json' }
    expect(await askAll(() => ({ headers }))).toEqual(new Set([413]))
  })

  test('to a body of the wrong type', async () => {
    const plain = { headers: { 'content-type': 'text/plain' }, body: 'a=b' }
    expect(await askAll((each) => (hasBody(each) ? plain : {}))).toContain(415)
  })

  test('to a body that cannot be read', async () => {
    expect(await askAll((each) => (hasBody(each) ? { body: '{' } : {}))).toContain(400)
  })

  test('to strangers', async () => {
    expect(await askAll((each) => ({ as: null, ...exampleOf(each) }))).toContain(401)
  })

  test('to a key without the scope, and to what looks like an attack', async () => {
    const keys = [await newKey('recordings:read'), await newKey('calls:read')]
    const keyFor = (scope = '') => keys.find(({ scopes }) => !scopes.includes(scope)).key
    const statuses = await askAll((each) => ({
      ...exampleOf(each),
      ...(each['x-scope'] === undefined
        ? { query: '?q=../../etc/passwd' }
        : { as: keyFor(each['x-scope']) }),
    }))
    expect(statuses).toContain(403)
  })

  test('to what is not valid', async () => {
    const statuses = await askAll((each) => ({
      query: '?nonsense=1&constructor=1',
      ...(each.path.includes('{id}') && { param: 'nonsense' }),
      ...(hasBody(each) && { body: { nonsense: true } }),
    }))
    expect(statuses).toContain(422)
  })

  test('to a client that asks too often', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    const burst = Array.from({ length: 41 }, () => ask('getService', { headers }))
    expect((await Promise.all(burst)).map(({ status }) => status)).toContain(429)
    const statuses = await askAll((each) => ({
      headers,
      ...(each.path.includes('{secret}') && { param: 'guess' }),
    }))
    expect(statuses).toEqual(new Set([200, 429]))
  })

  test('over plain HTTP, where HTTPS is required', async () => {
    const headers = { 'x-forwarded-proto': 'http' }
    expect(await askAll(() => ({ caly: failing, headers }))).toContain(308)
  })
})

describe('a service whose database', () => {
  let token: string
  const asking = (each: PlacedOperation): Asking => ({
    caly: failing,
    // Of an unknown key only the database knows that it is one.
    as: each['x-scope'] === 'ops:read' ? formatApiKey(uuidv7()).key : token,
    ...exampleOf(each),
  })

  beforeAll(async () => {
    token = (await logIn(failing, failing.admin)).accessToken
  })

  test('has lost its tables is answered for with 500', async () => {
    const database = await openDatabaseOf(failing)
    await database.query('alter schema public rename to gone')
    expect(await askAll(asking)).toContain(500)
    await database.query('alter schema gone rename to public')
    await database.close()
  }, 60_000)

  test('does not answer is answered for with 503', async () => {
    await withoutDatabase(async () => {
      expect(await askAll(asking)).toContain(503)
      // What was found a moment ago is told again, so that probes are no load.
      const ready = () => ask('getReadiness', { caly: failing })
      await eventually(ready, ({ status }) => status === 503)
    })
  }, 60_000)
})

/** Over TCP nobody listens any more; the embedded database is kept busy by somebody else. */
async function withoutDatabase(work: () => Promise<void>): Promise<void> {
  if (proxy !== undefined) {
    await proxy.set('refuse')
    await work()
    await proxy.set('pass')
    return
  }
  const database = await openDatabaseOf(failing)
  await database.holding('select 1', work)
  await database.close()
}

test('every example of the document fits its schema', () => {
  expect(api.wrongExamples()).toEqual([])
}, 30_000)

/** See the test of twins. */
const neverHere = isPostgres ? [] : ['placeCall 409']

test('everything that the document names was answered', () => {
  expect(api.unseen()).toEqual(neverHere)
})
