/** Three replicas behind HAProxy, two on Bun and one on Deno, with one PostgreSQL behind PgBouncer and one Redis. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createClient } from '@redis/client'
import { administer } from '../support/administer.ts'
import { adminOf, type Client } from '../support/client.ts'
import { createDatabase, openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, freePort, type Runtime, startCaly } from '../support/process.ts'
import { startRedis } from '../support/redis.ts'
import { type Haproxy, startHaproxy } from './haproxy.ts'
import { type PgBouncer, startPgBouncer } from './pgbouncer.ts'

/** Three replicas, and what they share. */
export interface Trio {
  readonly replicas: readonly [Replica, Replica, Replica]
  readonly proxy: Haproxy
  readonly bouncer: PgBouncer
  /** What they wrote, past PgBouncer. */
  readonly rows: Awaited<ReturnType<typeof openDatabaseOf>>
  /** The role that they log in as, which owns their database and nothing else. */
  readonly role: string
  /** Runs a statement as the server's administrator. */
  administer(statement: string): Promise<void>
  /** The first admin, logged in at the first replica. */
  admin(): Promise<Client>
  /** Has Redis forget what every client has asked for. */
  forgetCounts(): Promise<void>
  /** Stops and starts all at the same moment, with other variables. */
  restart(other: Variables): Promise<void>
  close(): Promise<void>
}

/** Variables that differ from what a replica has otherwise. */
export type Variables = Readonly<Record<string, string>>

/** A replica that can be started again on its port. */
export interface Replica {
  readonly runtime: Runtime
  /** The process that runs now. */
  caly(): Caly
  /** Starts it and waits until it is ready: with other variables, or those of the last time. */
  start(other?: Variables): Promise<void>
}

const runtimes: readonly Runtime[] = ['bun', 'bun', 'deno']

/** Starts everything, the replicas at the same moment on an empty database. */
export async function openTrio(): Promise<Trio> {
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
): Promise<Omit<Trio, 'close'>> {
  const { url, role } = await ownDatabase(server, closers)
  const bouncer = await startPgBouncer(url)
  closers.push(bouncer.close)
  const redis = await startRedis()
  closers.push(redis.kill)
  const env = {
    DATABASE_URL: bouncer.through(url),
    DATABASE_LISTEN_URL: url,
    DB_PREPARE: 'off',
    REDIS_URL: redis.url,
    TRUSTED_PROXIES: '127.0.0.1',
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    RATE_LIMIT_GLOBAL: 'off',
    RATE_LIMIT_API: 'off',
    RATE_LIMIT_AUTH: 'off',
    RATE_LIMIT_WEBHOOK: 'off',
    // A simulated call ends with its process; another replica asks what became of it.
    RECONCILE_AFTER: '5s',
    // HAProxy asks four times a second.
    SHUTDOWN_DELAY: '1500',
    // What a replica does when it has too little of the machine is tested elsewhere.
    MAX_EVENT_LOOP_LAG: '1m',
  }
  const ports = [await freePort(), await freePort(), await freePort()]
  const proxy = await startHaproxy(ports)
  closers.push(proxy.close)
  // Nobody gets a connection before all have come for one.
  await bouncer.command('PAUSE')
  const volumes = await mkdtemp(join(tmpdir(), 'caly-volumes-'))
  closers.push(() => rm(volumes, { recursive: true, force: true }))
  const starting = Promise.allSettled(
    ports.map((port, index) => {
      // What stays when a replica goes: events that the database did not take.
      const own = { PORT: String(port), CALY_DATA_DIR: join(volumes, String(index)) }
      return startReplica({ ...env, ...own }, runtimes[index])
    }),
  )
  await eventually(
    () => bouncer.command('SHOW POOLS'),
    (pools) => pools.some(({ cl_waiting }) => Number(cl_waiting) >= ports.length),
    30_000,
  ).finally(() => bouncer.command('RESUME'))
  const started = await starting
  for (const start of started)
    if (start.status === 'fulfilled') closers.push(() => start.value.caly().stop())
  const [a, b, c] = started.map((start) => {
    if (start.status === 'rejected') throw start.reason
    return start.value
  })
  if (!(a && b && c)) throw new Error('All replicas are needed')
  await proxy.untilAllUp()
  const rows = await openDatabaseOf({ dataDir: a.caly().dataDir, env: { DATABASE_URL: url } })
  closers.push(rows.close)
  const replicas = [a, b, c] as const
  return {
    ...{ replicas, proxy, bouncer, rows, role },
    administer: (statement) => administer(server, statement),
    admin: () => adminOf(a.caly()),
    async forgetCounts() {
      const client = await createClient({ url: redis.url }).connect()
      await client.flushAll()
      client.destroy()
    },
    async restart(other) {
      await Promise.all(replicas.map((replica) => replica.caly().stop()))
      await Promise.all(replicas.map((replica) => replica.start(other)))
      await proxy.untilAllUp()
    },
  }
}

/** An empty database, and a role that owns it: what PgBouncer refuses, that role has of its own. */
async function ownDatabase(server: string, closers: (() => Promise<unknown>)[]) {
  const role = `caly_test_${randomBytes(6).toString('hex')}`
  const password = randomBytes(12).toString('hex')
  await administer(server, `create role ${role} login password '${password}'`)
  closers.push(() => administer(server, `drop role ${role}`))
  const database = await createDatabase(server)
  closers.push(database.drop)
  const url = new URL(database.url)
  await administer(server, `alter database ${url.pathname.slice(1)} owner to ${role}`)
  url.username = role
  url.password = password
  return { url: url.href, role }
}

async function startReplica(env: Variables, runtime: Runtime = 'bun'): Promise<Replica> {
  let caly = await startCaly({ env, runtime })
  let last: Variables = {}
  return {
    runtime,
    caly: () => caly,
    async start(other = last) {
      last = other
      caly = await startCaly({ env: { ...env, ...other }, runtime })
    },
  }
}

/** The trio that a file's tests share, once it is open. */
export type OpenTrio = () => Trio

/** The number in a query's one row, `n`. */
export const sum = ([row]: readonly Readonly<Record<string, unknown>>[]): number =>
  Number(row?.['n'])
