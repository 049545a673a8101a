/** Caly with all that it can stand on, each of which can be taken away, and a replica that serves TLS. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startOwnRegistry } from '../scans/own-registry.ts'
import { exotelStandIn } from '../support/exotel.ts'
import { otlpSink } from '../support/otlp-sink.ts'
import { freePort, startCaly } from '../support/process.ts'
import { startProxiedCaly } from '../support/proxied.ts'
import { startRedis } from '../support/redis.ts'

/** For `/metrics`. */
export const metricsToken = 'a-token-for-the-scraper-of-the-panels'

/** Seconds between two scrapes. */
export const scrapeInterval = 2

/** All of it, running. */
export type Stage = Awaited<ReturnType<typeof openStage>>

/** Starts it, with limits low enough to be reached. */
export async function openStage() {
  const folder = await mkdtemp(join(tmpdir(), 'caly-stage-'))
  const [redis, sink, registry] = await Promise.all([startRedis(), otlpSink(), startOwnRegistry()])
  const port = String(await freePort())
  const publicUrl = `http://localhost:${port}`
  const exotel = await exotelStandIn({
    passthru: `${publicUrl}/api/webhooks/exotel/a-secret-of-this-provider`,
  })
  const env = {
    ...exotel.env,
    ...registry.env,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    METRICS_TOKEN: metricsToken,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_BSP_MAX_QUEUE_SIZE: '64',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '64',
    REDIS_URL: redis.url,
  }
  const started = await startProxiedCaly({
    ...env,
    PORT: port,
    PUBLIC_URL: publicUrl,
    DB_POOL_MAX: '6',
    DB_CONNECTION_TIMEOUT: '800',
    DB_STATEMENT_TIMEOUT: '1500',
    DB_SLOW_QUERY_MS: '200',
    SLOW_REQUEST_MS: '300',
    MAX_IN_FLIGHT_PER_ADDRESS: '30',
    RATE_LIMIT_AUTH: '9/1h',
    RECONCILE_AFTER: '2s',
  })
  const files = { TLS_CERT: join(folder, 'cert.pem'), TLS_KEY: join(folder, 'key.pem') }
  makeCertificate(files)
  const secure = await startCaly({
    // Nobody asks it but Prometheus: its own certificate is no reason not to.
    ready: false,
    env: { ...env, ...files, DATABASE_URL: started.databaseUrl, DB_POOL_MIN: '1' },
  })
  return {
    ...started,
    secure,
    sink,
    redis,
    exotel,
    registry,
    async close() {
      await secure.stop()
      await started.close()
      await Promise.all([exotel.close(), sink.close(), registry.registry.close(), redis.kill()])
      await rm(folder, { recursive: true })
    },
  }
}

function makeCertificate({ TLS_CERT, TLS_KEY }: Readonly<Record<'TLS_CERT' | 'TLS_KEY', string>>) {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const files = ['-keyout', TLS_KEY, '-out', TLS_CERT]
  const subject = ['-subj', '/CN=localhost', '-days', '10']
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...subject], { stdio: 'ignore' })
}
