/** What a fault happens to: a real Caly with a PostgreSQL, a Redis and a collector of its own. */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { adminOf, type Client, clientOf } from '../../support/client.ts'
import { type Cluster, startCluster } from '../../support/cluster.ts'
import { createDatabase, openDatabaseOf } from '../../support/database.ts'
import { type OtlpSink, otlpSink } from '../../support/otlp-sink.ts'
import { type Caly, type CalyOptions, freePort, startCaly } from '../../support/process.ts'
import { type Redis, startRedis } from '../../support/redis.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts'

/** How long the service lets others wait, in milliseconds. */
export interface Limits {
  /** `DB_CONNECTION_TIMEOUT` */
  readonly connection: number
  /** `REQUEST_TIMEOUT` */
  readonly request: number
}

/** What every service has that is told nothing else. */
const usual: Limits = { connection: 10_000, request: 30_000 }

/** For outages that are longer than a request may wait, and yet need not last for minutes. */
export const short: Limits = { connection: 2500, request: 6000 }

/** A service, and what it stands on. */
export interface Stage {
  readonly cluster: Cluster
  /** Between the service and its PostgreSQL. */
  readonly proxy: TcpProxy
  readonly redis: Redis
  readonly sink: OtlpSink
  /** Between the service and its collector. */
  readonly sinkProxy: TcpProxy
  readonly dataDir: string
  readonly limits: Limits
  /** The database, past the proxy. */
  readonly rows: Awaited<ReturnType<typeof openDatabaseOf>>
  /** Of callbacks. */
  readonly webhookSecret: string
  /** The process that runs now. */
  caly(): Caly
  /** What all its processes printed so far. */
  output(): string
  /** Starts another on the same port, database and data folder, once the one before has ended. */
  start(): Promise<void>
  /** Asks without credentials. */
  readonly stranger: Client
  /** Asks with a key that may read and place calls. */
  readonly client: Client
  /** Asks as the first admin. */
  readonly admin: Client
  /** Asks as Prometheus does, which needs no database. */
  readonly scraper: Client
  close(): Promise<void>
}

/** What a stage may want otherwise. */
export interface StageOptions extends Pick<CalyOptions, 'env'> {
  /** @default a folder of its own */
  readonly dataDir?: string
  /** @default the service's own defaults */
  readonly limits?: Limits
  /** What is done once everything is closed. */
  readonly afterwards?: () => Promise<unknown>
}

/** Starts everything: about 6 s. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = options.afterwards ? [options.afterwards] : []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return { ...(await assemble(options, closers)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(
  { env: other, limits = usual, ...options }: StageOptions,
  closers: (() => Promise<unknown>)[],
): Promise<Omit<Stage, 'close'>> {
  const [cluster, redis, sink] = await Promise.all([
    startCluster({ fsync: 'off' }),
    startRedis(),
    otlpSink(),
  ])
  closers.push(cluster.close, redis.kill, sink.close)
  const { url } = await createDatabase(cluster.url)
  const [proxy, sinkProxy] = await Promise.all([tcpProxy(url), tcpProxy(sink.url)])
  closers.push(proxy.close, sinkProxy.close)
  const dataDir = options.dataDir ?? (await scratchFolder('caly-faults-'))
  if (options.dataDir === undefined)
    closers.push(() => rm(dataDir, { recursive: true, force: true }))
  const webhookSecret = randomBytes(12).toString('hex')
  const metricsToken = randomBytes(12).toString('hex')
  const env = {
    PORT: String(await freePort()),
    CALY_DATA_DIR: dataDir,
    DATABASE_URL: proxy.through(url),
    REDIS_URL: redis.url,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    DB_CONNECTION_TIMEOUT: String(limits.connection),
    REQUEST_TIMEOUT: String(limits.request),
    SHUTDOWN_TIMEOUT: '10s',
    // Clients are told to leave before the port is closed, as behind a load balancer.
    SHUTDOWN_DELAY: '1500',
    // Above what a machine that is busy with other tests brings about by itself.
    MAX_EVENT_LOOP_LAG: '3000',
    // High, and not off: each request is to ask Redis.
    RATE_LIMIT_GLOBAL: '1000000/1m',
    RATE_LIMIT_API: '1000000/1m',
    RATE_LIMIT_AUTH: '1000000/1m',
    RATE_LIMIT_WEBHOOK: '1000000/1m',
    // Each refusal comes from an address of its own, since the trail sums up those of one.
    TRUSTED_PROXIES: '127.0.0.0/8,::1',
    CALY_PROVIDER: 'simulator',
    EXOTEL_WEBHOOK_SECRET: webhookSecret,
    METRICS_TOKEN: metricsToken,
    // A simulated call ends with its process: then it is asked about.
    RECONCILE_AFTER: '3s',
    OTEL_EXPORTER_OTLP_ENDPOINT: sinkProxy.through(sink.url),
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
    OTEL_BSP_SCHEDULE_DELAY: '500',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    ...other,
  }
  let earlier = ''
  let caly = await startCaly({ env })
  closers.push(() => caly.stop())
  const rows = await openDatabaseOf({ dataDir, env: { DATABASE_URL: url } })
  closers.push(rows.close)
  const admin = await adminOf(caly)
  const scopes = ['calls:read', 'calls:write']
  const { body } = await admin('POST', '/api/keys', { name: 'faults', scopes })
  return {
    cluster,
    proxy,
    redis,
    sink,
    sinkProxy,
    dataDir,
    limits,
    rows,
    webhookSecret,
    caly: () => caly,
    output: () => earlier + caly.output(),
    async start() {
      await caly.exited()
      earlier += caly.output()
      caly = await startCaly({ env })
    },
    stranger: clientOf(caly),
    client: clientOf(caly, body.key),
    admin,
    scraper: clientOf(caly, metricsToken),
  }
}
