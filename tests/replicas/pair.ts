/** Two replicas side by side, one on Bun and one on Deno, on one PostgreSQL behind PgBouncer. */
import { randomBytes } from 'node:crypto'
import process from 'node:process'
import postgres from 'postgres'
import { createDatabase, openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, freePort, type Runtime, startCaly } from '../support/process.ts'
import { type PgBouncer, startPgBouncer } from './pgbouncer.ts'

/** Two replicas, and what they share. */
export interface Pair {
  /** On Bun. */
  readonly a: Replica
  /** On Deno. */
  readonly b: Replica
  readonly bouncer: PgBouncer
  /** What they wrote, past PgBouncer. */
  readonly rows: Awaited<ReturnType<typeof openDatabaseOf>>
  /** The role that they log in as, which owns their database and nothing else. */
  readonly role: string
  /** Runs a statement as the server's administrator. */
  administer(statement: string): Promise<void>
  close(): Promise<void>
}

/** A replica that can be started again on its port. */
export interface Replica {
  /** The process that runs now. */
  caly(): Caly
  /** Starts it, with other variables where they are given, and waits until it is ready. */
  start(other?: Readonly<Record<string, string>>): Promise<void>
}

/** Starts PgBouncer, and both replicas at the same moment on an empty database. */
export async function openPair(): Promise<Pair> {
  const server = process.env['TEST_DATABASE_URL']
  if (server === undefined) throw new Error('tests/replicas needs TEST_DATABASE_URL')
  const closers: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return { ...(await assemble(server, closers)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(
  server: string,
  closers: (() => Promise<unknown>)[],
): Promise<Omit<Pair, 'close'>> {
  const administer = async (statement: string) => {
    const sql = postgres(server, { max: 1, onnotice: () => {} })
    await sql.unsafe(statement).finally(() => sql.end())
  }
  const role = `caly_test_${randomBytes(6).toString('hex')}`
  const password = randomBytes(12).toString('hex')
  await administer(`create role ${role} login password '${password}'`)
  closers.push(() => administer(`drop role ${role}`))
  const database = await createDatabase(server)
  closers.push(database.drop)
  const url = new URL(database.url)
  await administer(`alter database ${url.pathname.slice(1)} owner to ${role}`)
  url.username = role
  url.password = password
  const bouncer = await startPgBouncer(url.href)
  closers.push(bouncer.close)
  const env = {
    DATABASE_URL: bouncer.through(url.href),
    DATABASE_LISTEN_URL: url.href,
    DB_PREPARE: 'off',
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    RATE_LIMIT_GLOBAL: 'off',
    RATE_LIMIT_API: 'off',
    RATE_LIMIT_AUTH: 'off',
    RATE_LIMIT_WEBHOOK: 'off',
    // A simulated call ends with its process; the other replica asks what became of it.
    RECONCILE_AFTER: '5s',
    SHUTDOWN_DELAY: '500',
  }
  // Nobody gets a connection before both have come for one.
  await bouncer.command('PAUSE')
  const starting = Promise.allSettled([startReplica('bun', env), startReplica('deno', env)])
  await eventually(
    () => bouncer.command('SHOW POOLS'),
    (pools) => pools.some(({ cl_waiting }) => Number(cl_waiting) >= 2),
  ).finally(() => bouncer.command('RESUME'))
  const started = await starting
  for (const start of started)
    if (start.status === 'fulfilled') closers.push(() => start.value.caly().stop())
  const [a, b] = started.map((start) => {
    if (start.status === 'rejected') throw start.reason
    return start.value
  })
  if (a === undefined || b === undefined) throw new Error('Both replicas are needed')
  const rows = await openDatabaseOf({ dataDir: a.caly().dataDir, env: { DATABASE_URL: url.href } })
  closers.push(rows.close)
  return { a, b, bouncer, rows, role, administer }
}

async function startReplica(
  runtime: Runtime,
  env: Readonly<Record<string, string>>,
): Promise<Replica> {
  const own = { ...env, PORT: String(await freePort()) }
  let caly = await startCaly({ env: own, runtime })
  return {
    caly: () => caly,
    async start(other) {
      caly = await startCaly({ env: { ...own, ...other }, runtime })
    },
  }
}
