/** Kills Caly again and again while clients place calls, and tells what became of every call. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { adminOf, clientOf } from './client.ts'
import { createScratchDatabase, openDatabaseOf } from './database.ts'
import { type Caly, eventually, freePort, startCaly } from './process.ts'

/** How much is to be killed. */
export interface CrashOptions {
  readonly kills: number
  /** Clients that place calls at the same time. @default 4 */
  readonly clients?: number
  /** Milliseconds for which a process is left alive at most, once it is ready. @default 900 */
  readonly longestLife?: number
  /** Told each time a process has been killed. */
  readonly onKill?: (killed: number) => void
}

/** What became of the calls. */
export interface CrashReport {
  /** Calls that a client was answered 202 for. */
  readonly accepted: number
  /** Requests whose connection ended without an answer; each was sent again with its key. */
  readonly unanswered: number
  /** Calls whose process died between asking the provider and writing its answer down. */
  readonly interrupted: number
  /** Milliseconds from the last start until every call had ended. */
  readonly lastEndedAfter: number
  /** What must not be: one line for each call and promise. */
  readonly broken: readonly string[]
}

/** Every fourth process is killed while it is still starting. */
const killedWhileStarting = 4
const longestStart = 700

/** Milliseconds between two calls of one client, at most. */
const longestPause = 250

/** A dead process's job waits for 20 s, and a little longer on a busy machine. */
const endLimit = 40_000

/**
 * Starts Caly, and kills it (SIGKILL) at random moments: while it starts, while it accepts, places
 * and follows calls. Each time it is started again on the same database and port. Clients repeat
 * what was not answered, with the same Idempotency-Key, as they are told to.
 */
export async function crash({
  kills,
  clients = 4,
  longestLife = 900,
  onKill = () => {},
}: CrashOptions): Promise<CrashReport> {
  const scratch = await createScratchDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'caly-crash-'))
  const env = {
    PORT: String(await freePort()),
    CALY_DATA_DIR: folder,
    DATABASE_URL: scratch?.url,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    RATE_LIMIT_GLOBAL: 'off',
    RATE_LIMIT_API: 'off',
    RATE_LIMIT_WEBHOOK: 'off',
  }
  let caly = await startCaly({ env })
  const token = await apiKeyOf(caly)
  const placing = placeCalls(caly, token, clients)
  for (let killed = 0; killed < kills; killed += 1) {
    await sleep(Math.random() * (killed % killedWhileStarting === 0 ? longestStart : longestLife))
    caly.child.kill('SIGKILL')
    await caly.exited()
    onKill(killed + 1)
    caly = await startCaly({ env, ready: (killed + 1) % killedWhileStarting !== 0 })
  }
  await caly.stop()
  const restarted = performance.now()
  caly = await startCaly({ env })
  const { ids, keys, unanswered, surprises } = await placing.stop()
  const database = await openDatabaseOf(caly)
  try {
    const late = await untilEnded(database)
    const lastEndedAfter = Math.round(performance.now() - restarted)
    const { broken, interrupted } = await judge(database, ids, keys)
    return {
      accepted: ids.length,
      unanswered,
      interrupted,
      lastEndedAfter,
      broken: [...surprises, ...late, ...broken],
    }
  } finally {
    await database.close()
    await caly.stop()
    await scratch?.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

type Rows = Awaited<ReturnType<typeof openDatabaseOf>>

async function apiKeyOf(caly: Caly): Promise<string> {
  const admin = await adminOf(caly)
  const scopes = ['calls:read', 'calls:write']
  const { body } = await admin('POST', '/api/keys', { name: 'crash', scopes })
  return body.key
}

/** Clients that go on placing calls, whatever happens, until they are stopped. */
function placeCalls(caly: Pick<Caly, 'baseUrl'>, token: string, clients: number) {
  const ask = clientOf(caly, token)
  const ids: string[] = []
  const surprises: string[] = []
  let keys = 0
  let unanswered = 0
  let stopped = false

  async function placeOne(client: number): Promise<void> {
    const key = randomUUID()
    keys += 1
    const body = { from: '+919999900001', to: `+91999980${1000 + client * 10}`, customField: key }
    for (;;) {
      const answer = await ask('POST', '/api/calls', body, { 'idempotency-key': key }).catch(
        () => undefined,
      )
      if (answer?.status === 202) {
        if (answer.body.customField !== key) surprises.push(`${key} was answered another's call`)
        ids.push(answer.body.id)
        return
      }
      if (answer === undefined) unanswered += 1
      else if (answer.status !== 503 && answer.status !== 409)
        surprises.push(`${key} was answered ${answer.status}`)
      await sleep(50)
    }
  }

  const running = Array.from({ length: clients }, async (_, client) => {
    while (!stopped) {
      await placeOne(client)
      await sleep(Math.random() * longestPause)
    }
  })
  return {
    /** Lets every request come to its end. */
    async stop() {
      stopped = true
      await Promise.all(running)
      return { ids, keys, unanswered, surprises }
    },
  }
}

/** @returns a line for each call that does not end */
async function untilEnded(database: Rows): Promise<string[]> {
  const open = () =>
    database.query(
      `select id, status, dispatched_at is not null as dispatched from calls
       where status in ('queued', 'ringing', 'in-progress')`,
    )
  await eventually(open, (rows) => rows.length === 0, endLimit).catch(() => {})
  return (await open()).map((row) => `a call does not end: ${JSON.stringify(row)}`)
}

/** Holds the tables against what was promised. */
async function judge(database: Rows, ids: readonly string[], keys: number) {
  const calls = await database.query(`
    select calls.id, status, dispatched_at is not null as dispatched,
      (select count(*) from idempotency_keys where call_id = calls.id)::int as keys,
      (select count(*) from audit_logs where resource_id = calls.id::text
        and event_type = 'CALL_QUEUED')::int as queued,
      (select count(*) from audit_logs where resource_id = calls.id::text
        and event_type = 'CALL_PLACED')::int as placed,
      (select count(*) from audit_logs where resource_id = calls.id::text
        and event_type = 'CALL_STATUS_CHANGED' and details->>'to' = 'completed')::int as ended,
      (select array_agg(source || ' ' || status order by call_events.id) from call_events
        where call_id = calls.id) as events
    from calls`)
  const broken: string[] = []
  const known = new Set(calls.map(({ id }) => String(id)))
  for (const id of ids) if (!known.has(id)) broken.push(`${id} was accepted and is not there`)
  if (new Set(ids).size !== ids.length) broken.push('two keys were answered one call')
  if (calls.length !== keys) broken.push(`${keys} keys made ${calls.length} calls`)
  for (const call of calls) {
    const { status, keys, queued, placed, ended } = call
    const events = call['events'] as readonly string[]
    const once = new Set(events).size === events.length
    const sane = once && events[0] === 'api queued' && events.includes('callback completed')
    const good = status === 'completed' && keys === 1 && queued === 1 && ended === 1
    if (!(good && sane && Number(placed) <= 1)) broken.push(JSON.stringify(call))
  }
  for (const job of await database.query(
    `select state::text, retry_count from pgboss.job where name = 'calls.place' and state <> 'completed'`,
  ))
    broken.push(`a job is left: ${JSON.stringify(job)}`)
  const interrupted = calls.filter(({ placed }) => placed === 0).length
  return { broken, interrupted }
}
