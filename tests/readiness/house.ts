/** A service as it should be, and everything that the checks look at beside it. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../../db/database.ts'
import { createKeyring } from '../../db/keyring.ts'
import { withDependencies } from '../../src/cli/shell.ts'
import { readConfig } from '../../src/config.ts'
import { type Context, type Guests, openTarget, withGuests } from '../../src/readiness/index.ts'
import { administer } from '../support/administer.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startCluster } from '../support/cluster.ts'
import { createDatabase, databaseSettings, isPostgres } from '../support/database.ts'
import { otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, freePort, startCaly } from '../support/process.ts'

/** A service that passes every check. */
export interface House {
  readonly caly: Caly
  /** Where temporary files may go. */
  readonly folder: string
  readonly url: URL
  /** Its certificate and key, as PEM texts: proxies in front of it have the same. */
  readonly pem: { readonly cert: string; readonly key: string }
  /** PEM of the authority that its certificate is by: itself. */
  readonly ca: string
  /** Its variables as an operator has written them down. */
  readonly environment: Readonly<Record<string, string>>
  readonly database: Database
  /** The service's role, where it has a server; else undefined. */
  readonly role: string | undefined
  readonly guests: Guests
  /** What a run on it has. */
  readonly context: Context
  /** Does what the owner of everything can do, past all triggers. */
  asOwner(statement: string): Promise<void>
  /** Another connection to the same server, for settings that a connection begins with. */
  reconnect(prepare?: boolean): Promise<Database>
  close(): Promise<void>
}

/** Starts the service, and opens what the checks look at. */
export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-readiness-'))
  const files = makeCertificate(folder, 60)
  const [ca, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
  const [port, sink, server] = await Promise.all([freePort(), otlpSink(), openServer()])
  const metricsToken = randomBytes(24).toString('hex')
  const wanted = {
    ...server?.environment,
    NODE_ENV: server === undefined ? 'development' : 'production',
    HOST: '0.0.0.0',
    PORT: String(port),
    PUBLIC_URL: `https://localhost:${port}`,
    TLS_CERT: files.cert,
    TLS_KEY: files.key,
    FORCE_HTTPS: 'on',
    DOCS: 'off',
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    METRICS_TOKEN: metricsToken,
    AUDIT_ANCHOR: join(folder, 'anchor'),
    CALY_PROVIDER: 'simulator',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    SCAN_SCHEDULE: '0 3 1 1 *',
    // Room for all the runs of these tests, and nothing flows off while a slow machine counts.
    RATE_LIMIT_GLOBAL: '100000/1000m',
    RATE_LIMIT_AUTH: '400/100m',
  }
  const caly = await startCaly({ env: wanted, ready: false })
  const url = new URL(`https://localhost:${port}`)
  const target = openTarget(url, { ca })
  const ready = () => target.ask({ path: '/health/ready' }).catch(() => undefined)
  await eventually(ready, (answer) => answer?.status === 200, 60_000)
  const reconnect = (prepare = true) =>
    openDatabase({
      settings: {
        ...databaseSettings,
        prepare,
        url: caly.env['DATABASE_URL'],
        connectionTimeout: 30_000,
      },
      dataDir: caly.dataDir,
      join: true,
    })
  const database = await reconnect()
  const asOwner = (statement: string) =>
    server === undefined ? pastTriggers(database, statement) : server.asOwner(statement)
  await asOwner(
    `insert into scans (id, client_id, status, trigger, finished_at)
     select gen_random_uuid(), id, 'complete', 'api', now() from clients where is_platform`,
  )
  const environment = asWritten(caly.env)
  const config = readConfig(environment)
  const keyring = createKeyring(config.encryptionKeys ?? [])
  const held = await hold<Guests>((work) =>
    withDependencies(database, keyring, (dependencies) => withGuests(dependencies, keyring, work)),
  )
  const guests = held.value
  return {
    ...{ caly, folder, url, ca, environment, database, guests, asOwner, reconnect },
    role: server?.role,
    pem: { cert: ca, key },
    context: {
      ...{ target, config, database, keyring, environment, guests, tls: { url, ca } },
      ...(server !== undefined && { server: database }),
      metricsToken: { name: 'METRICS_TOKEN', secret: metricsToken },
      keys: { one: guests.one.key, other: guests.other.key },
    },
    async close() {
      await held.release()
      await database.close()
      await caly.stop()
      await Promise.all([sink.close(), server?.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** After the first start, and in production, which the embedded database is not for. */
function asWritten(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { CALY_ADMIN_EMAIL: _, CALY_ADMIN_PASSWORD: __, ...kept } = env
  return {
    DATABASE_URL: `postgres://service:${randomBytes(12).toString('hex')}@localhost/caly`,
    ...kept,
    NODE_ENV: 'production',
  }
}

/**
 * A server of its own, since that of other tests need not reach the disk. The tables of its database
 * are another role's than the service's.
 */
async function openServer() {
  if (!isPostgres) return undefined
  const cluster = await startCluster()
  const scratch = await createDatabase(cluster.url)
  const [role, password] = [
    `caly_ready_${randomBytes(6).toString('hex')}`,
    randomBytes(18).toString('hex'),
  ]
  await administer(scratch.url, `create role ${role} login password '${password}'`)
  const service = new URL(scratch.url)
  service.username = role
  service.password = password
  const settings = { ...databaseSettings, url: service.href, ownerUrl: scratch.url }
  const database = await openDatabase({ settings, dataDir: '/nonexistent' })
  await database.migrate()
  await database.close()
  return {
    role,
    environment: { DATABASE_URL: service.href },
    asOwner: (statement: string) =>
      administer(scratch.url, `set session_replication_role = replica; ${statement}`),
    close: () => cluster.close(),
  }
}

async function pastTriggers({ client }: Database, statement: string): Promise<void> {
  const held = await client.connect({ label: 'tampering', patient: true })
  try {
    await held.query('begin')
    await held.query('set local session_replication_role = replica')
    await held.query(statement)
    await held.query('commit')
  } finally {
    held.release()
  }
}

/** Keeps open what is lent for some work alone. */
async function hold<Value>(
  lend: (work: (value: Value) => Promise<void>) => Promise<void>,
): Promise<{ readonly value: Value; release(): Promise<void> }> {
  const lent = Promise.withResolvers<Value>()
  const released = Promise.withResolvers<void>()
  const ended = lend((value) => {
    lent.resolve(value)
    return released.promise
  })
  ended.catch(lent.reject)
  return {
    value: await lent.promise,
    async release() {
      released.resolve()
      await ended
    },
  }
}
