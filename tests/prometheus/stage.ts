/** Caly with all that it can stand on, each of which can be taken away, and a replica that serves TLS. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startOwnRegistry } from '../scans/own-registry.ts'
import { ask } from '../support/administer.ts'
import { makeCertificate } from '../support/certificate.ts'
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
  const { cert, key } = makeCertificate(folder, 10)
  const files = { TLS_CERT: cert, TLS_KEY: key }
  // The next replica reads it at its start: nobody has to wait for a minute.
  await ask(
    started.databaseUrl,
    `insert into readiness_runs (id, target, version, percent, passed, total, checks)
     values (gen_random_uuid(), '${publicUrl}', '0', 50, 1, 2, '[{"status": "pass"}, {"status": "fail"}]')`,
  )
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
