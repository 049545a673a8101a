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
  const administer = async (statement: string) => {
    const sql = postgres(server, { max: 1, onnotice: () => {} })
    await sql.unsafe(statement).finally(() => sql.end())
  }
  const role = `caly_test_${randomBytes(6).toString('hex')}`
  const password = randomBytes(12).toString('hex')
  const database = await createDatabase(server)
  const url = new URL(database.url)
  await administer(`create role ${role} login password '${password}'`)
  await administer(`alter database ${url.pathname.slice(1)} owner to ${role}`)
  url.username = role
  url.password = password
  const bouncer = await startPgBouncer(url.href)
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
  const starting = Promise.all([startReplica('bun', env), startReplica('deno', env)])
  await eventually(
    () => bouncer.command('SHOW POOLS'),
    (pools) => pools.some(({ cl_waiting }) => Number(cl_waiting) >= 2),
  )
  await bouncer.command('RESUME')
  const [a, b] = await starting
  const rows = await openDatabaseOf({ dataDir: a.caly().dataDir, env: { DATABASE_URL: url.href } })
  return {
    a,
    b,
    bouncer,
    rows,
    role,
    administer,
    async close() {
      await rows.close()
      await Promise.all([a.caly().stop(), b.caly().stop()])
      await bouncer.close()
      await database.drop()
      await administer(`drop role ${role}`)
    },
  }
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
