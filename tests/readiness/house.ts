/** A service as it should be, and everything that the checks look at beside it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../../db/database.ts'
import { createKeyring } from '../../db/keyring.ts'
import { withDependencies } from '../../src/cli/shell.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { type Context, type Guests, openTarget, withGuests } from '../../src/readiness/index.ts'
import { makeCertificate } from '../support/certificate.ts'
import { databaseSettings, isPostgres } from '../support/database.ts'
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
  readonly config: Config
  readonly database: Database
  readonly guests: Guests
  /** What a run on it has. */
  readonly context: Context
  close(): Promise<void>
}

const metricsToken = 'a-token-for-the-scraper'

/** What an operator writes down for production; the embedded database is for development alone. */
const settings = (port: number, files: { readonly cert: string; readonly key: string }) => ({
  NODE_ENV: isPostgres ? 'production' : 'development',
  HOST: '0.0.0.0',
  PORT: String(port),
  PUBLIC_URL: `https://localhost:${port}`,
  TLS_CERT: files.cert,
  TLS_KEY: files.key,
  FORCE_HTTPS: 'on',
  // The same pace, and room for all the runs of these tests.
  RATE_LIMIT_GLOBAL: '100000/100m',
  RATE_LIMIT_AUTH: '400/100m',
  DOCS: 'off',
  ENCRYPTION_KEY: 'ab'.repeat(32),
  METRICS_TOKEN: metricsToken,
  CALY_PROVIDER: 'simulator',
})

/** Starts the service, and opens what the checks look at. */
export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-readiness-'))
  const files = makeCertificate(folder, 60)
  const [ca, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
  const port = await freePort()
  const caly = await startCaly({ env: settings(port, files), ready: false })
  const url = new URL(`https://localhost:${port}`)
  const target = openTarget(url, { ca })
  const ready = () => target.ask({ path: '/health/ready' }).catch(() => undefined)
  await eventually(ready, (answer) => answer?.status === 200, 60_000)
  const config = readConfig(caly.env)
  const database = await openDatabase({
    settings: {
      ...databaseSettings,
      url: caly.env['DATABASE_URL'],
      connectionTimeout: 30_000,
    },
    dataDir: caly.dataDir,
    join: true,
  })
  const keyring = createKeyring(config.encryptionKeys ?? [])
  const guests = await hold<Guests>((work) =>
    withDependencies(database, keyring, (dependencies) => withGuests(dependencies, keyring, work)),
  )
  const { one, other } = guests.value
  return {
    guests: guests.value,
    ...{ caly, folder, url, ca, config, database, pem: { cert: ca, key } },
    context: {
      ...{ target, config, database, environment: caly.env, tls: { url, ca } },
      metricsToken: { name: 'METRICS_TOKEN', secret: metricsToken },
      ...{ guests: guests.value, keys: { one: one.key, other: other.key } },
    },
    async close() {
      await guests.release()
      await database.close()
      await caly.stop()
      await rm(folder, { recursive: true, force: true })
    },
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
