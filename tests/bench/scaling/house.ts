/** Three replicas on Bun, one PostgreSQL of the bench's own behind PgBouncer, one Redis; and a HAProxy for each number of replicas. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { type Haproxy, startHaproxy } from '../../replicas/haproxy.ts'
import { type PgBouncer, startPgBouncer } from '../../replicas/pgbouncer.ts'
import { administer } from '../../support/administer.ts'
import { adminOf } from '../../support/client.ts'
import { startCluster } from '../../support/cluster.ts'
import { freePort } from '../../support/process.ts'
import { type Redis, startRedis } from '../../support/redis.ts'
import { answering, Processes } from '../processes.ts'
import { parentOf } from './cpu.ts'

/** What is measured. */
export interface House {
  /** Before the first one, two, three replicas. */
  readonly proxies: readonly Haproxy[]
  readonly bouncer: PgBouncer
  readonly redis: Redis
  /** Straight to PostgreSQL. */
  readonly databaseUrl: string
  /** An API key that may place and read calls. */
  readonly key: string
  /** The processes of each part. */
  readonly parts: Readonly<Record<string, readonly (number | undefined)[]>>
  close(): Promise<void>
}

const replicas = 3

/** Connections that PgBouncer keeps to PostgreSQL, for all replicas together. */
export const serverConnections = 20

const admin = { email: 'bench@example.com', password: 'correct horse battery staple' }

/** High, never off: each request is counted in Redis. */
const quota = '999999999/1m'

/** A port that takes no connections, for replicas that are not to be there. */
const nobody = 9

/** Starts it all. */
export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-bench-'))
  const processes = new Processes()
  const closers: (() => Promise<unknown>)[] = [
    async () => processes.kill(),
    () => rm(folder, { recursive: true, force: true }),
  ]
  const close = async () => {
    for (const closer of closers.splice(0)) await closer()
  }
  try {
    const cluster = await startCluster({ max_connections: '200', shared_buffers: '256MB' })
    closers.push(cluster.close)
    await administer(cluster.url, 'create database caly')
    const url = new URL(cluster.url)
    url.pathname = '/caly'
    const bouncer = await startPgBouncer(url.href, serverConnections)
    closers.push(bouncer.close)
    const redis = await startRedis()
    closers.push(redis.kill)
    const running: { readonly port: number; readonly pid: number | undefined }[] = []
    const env = {
      NODE_ENV: 'development',
      LOG_FORMAT: 'json',
      ENCRYPTION_KEY: randomBytes(32).toString('hex'),
      DATABASE_URL: bouncer.through(url.href),
      DATABASE_LISTEN_URL: url.href,
      DB_PREPARE: 'off',
      REDIS_URL: redis.url,
      TRUSTED_PROXIES: '127.0.0.1',
      CALY_ADMIN_EMAIL: admin.email,
      CALY_ADMIN_PASSWORD: admin.password,
      SCAN_SCHEDULE: 'off',
      // Nothing more is heard of a call once it is placed.
      SIMULATOR_STEP: '1d',
      RECONCILE_AFTER: '1d',
      // Everything shares the machine: a replica that comes late is to answer all the same.
      MAX_EVENT_LOOP_LAG: '1m',
      RATE_LIMIT_GLOBAL: quota,
      RATE_LIMIT_API: quota,
      RATE_LIMIT_AUTH: quota,
      RATE_LIMIT_WEBHOOK: quota,
    }
    for (let index = 0; index < replicas; index += 1) {
      const port = await freePort()
      const own = { ...env, PORT: String(port), CALY_DATA_DIR: join(folder, String(index)) }
      running.push({ port, pid: processes.start('src/main.ts', own).pid })
      await answering(new URL(`http://127.0.0.1:${port}/health/ready`))
    }
    const proxies: Haproxy[] = []
    for (let count = 1; count <= replicas; count += 1) {
      const ports = running.map(({ port }, index) => (index < count ? port : nobody))
      const proxy = await startHaproxy(ports)
      closers.push(proxy.close)
      proxies.push(proxy)
      await answering(new URL('/health/ready', proxy.baseUrl))
    }
    const [first] = proxies
    if (first === undefined) throw new Error('There is no proxy')
    const client = await adminOf({ baseUrl: first.baseUrl, admin })
    const scopes = ['calls:read', 'calls:write']
    const { key } = (await client('POST', '/api/keys', { name: 'bench', scopes })).body
    return {
      ...{ proxies, bouncer, redis, databaseUrl: url.href, key, close },
      parts: {
        replicas: running.map(({ pid }) => pid),
        PostgreSQL: [await postmasterOf(url.href)],
        PgBouncer: [bouncer.pid],
        HAProxy: proxies.map(({ pid }) => pid),
        Redis: [redis.pid()],
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The process that all of a server's others are children of. */
async function postmasterOf(url: string): Promise<number> {
  const sql = postgres(url, { max: 1 })
  try {
    const [row] = await sql.unsafe('select pg_backend_pid() as pid')
    return parentOf(Number(row?.['pid']))
  } finally {
    await sql.end()
  }
}
