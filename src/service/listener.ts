import { readFile } from 'node:fs/promises'
import type { Database } from '#db/database.ts'
import type { Telemetry } from '#telemetry/index.ts'
import { createApp } from '../app.ts'
import type { AuditService } from '../audit-api/index.ts'
import type { AuthService } from '../auth/index.ts'
import type { CallService } from '../calls/index.ts'
import type { Config } from '../config.ts'
import { healthChecks } from '../health/index.ts'
import type { Logger } from '../log/index.ts'
import { audited } from '../observations/audit.ts'
import { beginSeries } from '../observations/series.ts'
import { observations } from '../observations.ts'
import type { ScanService } from '../scans/index.ts'
import { ListenError, peerAddress, runtime, type Server, serve } from '../server.ts'
import { version } from '../version.ts'
import type { OwnLimiterStore } from './limiter-store.ts'

/** How this process reaches itself. */
export interface OwnListener {
  readonly server: Server
  readonly fetch: (request: Request) => Promise<Response>
}

/** What is served. */
export interface ServingParts {
  readonly config: Config
  readonly log: Logger
  readonly telemetry: Telemetry
  readonly database: Database
  readonly auth: AuthService
  readonly calls: CallService
  readonly limits: OwnLimiterStore
  readonly audit: AuditService
  readonly scans: ScanService
  readonly tls: TlsFiles | undefined
  /** As of `performance.now()`. */
  readonly startedAt: number
  /** What `/health/ready` warns of, by what it is about. */
  readonly warnings: () => Readonly<Record<string, string | undefined>>
}

/**
 * The server's own limit, in bytes, is out of reach: above it the server answers by itself, without
 * headers or a problem. It holds back what nobody reads: 400 MB sent at a handler that waits cost
 * 14 MB.
 */
const serverBodyLimit = 2 ** 40

/** A connection may be quiet for as long as a request may take, and a little longer. */
const idleMargin = 5000

/**
 * Builds the app and serves it.
 *
 * @param draining whether `/health/ready` must say 503
 * @throws {ListenError} if the address cannot be listened on
 */
export async function listen(parts: ServingParts, draining: () => boolean): Promise<OwnListener> {
  const { config, telemetry, database, startedAt } = parts
  beginSeries(telemetry, config)
  const figures = () => ({ ...telemetry.performance(), pool: database.pool.stats() })
  const app = createApp({
    ...parts,
    version,
    health: {
      check: healthChecks({
        database: () => database.check(),
        draining,
        warnings: parts.warnings,
        eventLoopDelay: () => telemetry.performance().eventLoopDelay?.p99 ?? 0,
      }),
      details: () => ({
        version,
        runtime,
        uptimeSeconds: Math.round((performance.now() - startedAt) / 1000),
        pool: database.pool.stats(),
      }),
      performance: figures,
      exposition: telemetry.exposition,
    },
    limiterStore: parts.limits.store,
    observations: audited(observations(parts.log, telemetry), {
      trail: parts.audit.trail,
      onError: (error) => parts.log.error({ error }, 'an event is not in the audit trail'),
    }),
    peerAddress,
  })
  const fetch = async (request: Request) => app.fetch(request)
  const server = await serve({
    fetch: (request) => app.fetch(request),
    host: config.listen.host,
    port: config.listen.port,
    tls: parts.tls,
    maxBodySize: serverBodyLimit,
    idleTimeout: config.requestTimeout + idleMargin,
  })
  return { server, fetch }
}

/** The contents of `TLS_CERT` and `TLS_KEY`. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/**
 * Reads the certificate and its key; undefined where plain HTTP is served.
 *
 * @throws {ListenError} if a file cannot be read
 */
export async function readTls({ listen }: Config): Promise<TlsFiles | undefined> {
  if (listen.tls === undefined) return undefined
  const { certFile, keyFile } = listen.tls
  const read = (name: string, file: string) =>
    readFile(file, 'utf8').catch((cause: unknown) => {
      throw new ListenError(`${name} cannot be read: is it the path of a PEM file?`, { cause })
    })
  return { cert: await read('TLS_CERT', certFile), key: await read('TLS_KEY', keyFile) }
}
