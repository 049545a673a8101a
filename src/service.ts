/** Puts the parts together, in the order in which they need each other, and takes them apart. */
import { readFile } from 'node:fs/promises'
import { v7 as uuidv7 } from 'uuid'
import { type Database, openDatabase, type PoolObserver } from '#db/database.ts'
import { DatabaseLayerError } from '#db/errors.ts'
import { type Jobs, openJobs } from '#db/jobs.ts'
import { createKeyring, type Keyring, loadDevelopmentKey } from '#db/keyring.ts'
import { openNotifications } from '#db/notifications/index.ts'
import {
  instrumentQueries,
  observePool,
  startTelemetry,
  type Telemetry,
  TelemetryError,
} from '#telemetry/index.ts'
import { createApp } from './app.ts'
import { type AuditTrail, auditTrail, requestOrigin } from './audit/index.ts'
import {
  type AuthService,
  authService,
  type FirstCredentials,
  firstClient,
  passwordHasher,
  platformClientId,
  registerAuthJobs,
} from './auth/index.ts'
import { type CallService, callService, registerCallJobs, simulator } from './calls/index.ts'
import type { Config } from './config.ts'
import { healthChecks } from './health/index.ts'
import { memoryStore } from './hooks/rate-limit/index.ts'
import { addTime, timed } from './hooks/request-context/index.ts'
import { type Logger, withLogContext } from './log/index.ts'
import { eventCounter, observations } from './observations.ts'
import { redactText } from './redaction/index.ts'
import { ListenError, peerAddress, runtime, type Server, serve } from './server.ts'
import { version } from './version.ts'

/** A service that answers requests. */
export interface Service {
  /** Where it listens. */
  readonly url: URL
  /** Made at the very first start, to be shown once; never in production. */
  readonly firstCredentials: FirstCredentials | undefined
  /** Drains and closes everything. */
  stop(): Promise<void>
}

/** What a start needs beside the configuration. */
export interface StartOptions {
  readonly log: Logger
  /** Lines of the log that were lost so far. @default none ever is */
  readonly lostLines?: () => number
  /** Hears what the start is doing, for a person at a terminal. */
  readonly onProgress?: (text: string) => void
}

/** Whether a start was refused for a reason that the operator can mend; the message says how. */
export const isStartFailure = (error: unknown): error is Error =>
  error instanceof ListenError ||
  error instanceof DatabaseLayerError ||
  error instanceof TelemetryError

/**
 * Starts everything and serves. What was opened before a failure is closed again.
 *
 * @throws what {@linkcode isStartFailure} knows, where the operator can mend it
 */
export async function startService(config: Config, options: StartOptions): Promise<Service> {
  const { log } = options
  const closers: Closer[] = []
  try {
    return await assemble(config, options, closers)
  } catch (error) {
    await closeAll(closers, log, Date.now() + config.shutdown.timeout)
    throw error
  }
}

/** Characters of a span's text that are looked at; telemetry keeps fewer. */
const spanTextLimit = 4096

/** Closes one part within so many milliseconds. */
type Closer = (timeout: number) => Promise<unknown>

async function assemble(
  config: Config,
  { log, lostLines = () => 0, onProgress = () => undefined }: StartOptions,
  closers: Closer[],
): Promise<Service> {
  const startedAt = Date.now()
  const tls = await readTls(config)
  const telemetry = await startTelemetry({
    settings: config.telemetry,
    version,
    instanceId: uuidv7(),
    redact: (text) => redactText(text, spanTextLimit),
    onTrouble: (trouble) => log.debug({ trouble }, 'telemetry'),
  })
  closers.push((timeout) => telemetry.shutdown(timeout))
  telemetry.instruments.lostLogLines.addCallback((result) => result.observe(lostLines()))

  if (config.database.url !== undefined) onProgress('Connecting to PostgreSQL')
  let database: Database | undefined
  const times = observePool(telemetry, 'caly', () => database?.pool.stats() ?? noStats)
  database = await openDatabase({
    settings: config.database,
    dataDir: config.dataDir,
    observer: { ...poolObserver(log, telemetry), ...times, onTime: addTime },
    onProgress,
  })
  closers.push((timeout) => database.close(timeout))
  instrumentQueries(telemetry, database.Client)
  const { applied } = await database.migrate()
  onProgress(applied > 0 ? `Applied ${applied} migrations` : 'The database is up to date')

  const keyring = createKeyring(config.encryptionKeys ?? [await loadDevelopmentKey(config.dataDir)])
  const hasher = passwordHasher()
  closers.push(() => hasher.close())
  let platform = ''
  const audit = auditTrail({
    now: Date.now,
    platformClientId: () => platform,
    onRecord: eventCounter(telemetry),
  })
  const firstCredentials = await firstClient({
    db: database.db,
    audit,
    hasher,
    admin: config.admin,
    production: config.production,
  })
  platform = (await platformClientId(database.db)) ?? ''

  const onError = (error: unknown, queue?: string) =>
    log.error({ error, queue }, 'background work failed')
  let auth: AuthService | undefined
  const notifications = openNotifications({
    database,
    listenUrl: config.database.listenUrl,
    onChange: (change) => auth?.forget(change),
    onState: (state, error) =>
      state === 'lost'
        ? log.warn({ error }, 'news of other replicas is lost: every check asks the database')
        : log.info({ state }, 'news of other replicas is heard'),
  })
  closers.push(() => notifications.close())
  auth = authService({
    db: database.db,
    keyring,
    audit,
    hasher,
    onError,
    toldSince: notifications.reliableSince,
  })
  closers.push(() => auth.close())
  const jobs = traced(await openJobs({ database, onError }))
  closers.push((timeout) => jobs.stop(timeout))
  await registerAuthJobs({ db: database.db, now: Date.now, jobs })
  let own: OwnListener | undefined
  const calls = await openCalls({ config, database, keyring, jobs, audit, onError }, () => own)
  closers.push(() => calls.close())

  let draining = false
  own = listen({ config, log, telemetry, database, auth, calls, tls, startedAt }, () => draining)
  const { server } = own
  await audit.record(database.db, {
    event: 'SERVICE_STARTED',
    origin: system(),
    details: { version },
  })
  log.info({ version, runtime, url: server.url.origin }, 'serving')

  const { url, drain } = server
  return {
    url,
    firstCredentials,
    async stop() {
      // From now on `ready` says 503 while everything still works, so that a load balancer can
      // look elsewhere before the listener closes.
      draining = true
      drain()
      await delay(config.shutdown.delay)
      const deadline = Date.now() + config.shutdown.timeout
      const cut = await server.stop(config.shutdown.timeout)
      if (cut > 0) log.warn({ requests: cut }, 'requests were cut off at the stop')
      const uptimeSeconds = Math.round((Date.now() - startedAt) / 1000)
      await audit
        .record(database.db, {
          event: 'SERVICE_STOPPED',
          origin: system(),
          details: { version, uptimeSeconds },
        })
        .catch(onError)
      await closeAll(closers, log, deadline)
      log.info({ uptimeSeconds }, 'stopped')
    },
  }
}

/** At least this long for each part, however late it is: a flush that never began loses for sure. */
const leastTime = 500

/** Closes the parts in the reverse order of their opening. */
async function closeAll(closers: Closer[], log: Logger, deadline: number): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    const timeout = Math.max(leastTime, deadline - Date.now())
    await Promise.race([close(timeout), delay(timeout + leastTime)]).catch((error: unknown) =>
      log.error({ error }, 'a part did not close'),
    )
  }
}

/** The same jobs, whose every line in the log names the job it comes from. */
const traced = (jobs: Jobs): Jobs => ({
  ...jobs,
  work: (queue, handler, options) =>
    jobs.work<Parameters<typeof handler>[0]['data']>(
      queue,
      (job) => withLogContext({ queue, jobId: job.id }, () => handler(job)),
      options,
    ),
})

async function readTls({ listen }: Config) {
  if (listen.tls === undefined) return undefined
  const { certFile, keyFile } = listen.tls
  const read = (name: string, file: string) =>
    readFile(file, 'utf8').catch((cause: unknown) => {
      throw new ListenError(`${name} cannot be read: is it the path of a PEM file?`, { cause })
    })
  return { cert: await read('TLS_CERT', certFile), key: await read('TLS_KEY', keyFile) }
}

function poolObserver(log: Logger, { instruments }: Telemetry): PoolObserver {
  return {
    onSlowQuery({ text, durationMs }) {
      instruments.slowQueries.add(1)
      log.warn({ query: text, durationMs: Math.round(durationMs) }, 'slow query')
    },
    onHeldTooLong: (held) => log.warn(held, 'a connection is held for long'),
    onTimeout: ({ used, idle, pending }) =>
      log.error({ used, idle, pending }, 'no connection came free in time'),
    onBroken: (error) => log.warn({ error }, 'a connection to the database broke'),
  }
}

/** The pool's numbers before there is one. */
const noStats = { limit: 0, min: 0, used: 0, idle: 0, pending: 0, timeouts: 0 }

interface CallParts {
  readonly config: Config
  readonly database: Database
  readonly keyring: Keyring
  readonly jobs: Jobs
  readonly audit: AuditTrail
  readonly onError: (error: unknown) => void
}

/** How this process reaches itself. */
interface OwnListener {
  readonly server: Server
  readonly fetch: (request: Request) => Promise<Response>
}

/** @param own known once the service listens, which is after its jobs have begun */
async function openCalls(
  { config, database, keyring, jobs, audit, onError }: CallParts,
  own: () => OwnListener | undefined,
): Promise<CallService> {
  const { listen, allowedHosts, forceHttps } = config
  // The simulator reports to this very service. Behind TLS, a proxy or another name the listener
  // cannot be reached as clients reach it: then its requests enter without a socket.
  const byLoopback =
    listen.isLoopback && !listen.tls && !forceHttps && allowedHosts.includes(listen.host)
  const provider = simulator({
    step: config.calls.simulatorStep,
    ...(byLoopback
      ? { callbackBase: () => own()?.server.url }
      : {
          fetch: async (url: URL, init: RequestInit) => {
            const listener = own()
            if (listener === undefined) throw new Error('The service does not listen yet')
            return listener.fetch(new Request(url.href, init))
          },
        }),
    onError,
  })
  const service = callService({
    database,
    keyring,
    jobs,
    audit,
    // Recordings are fetched while a request waits; all else is asked by jobs.
    provider: {
      ...provider,
      recording: (call, signal) => timed('provider', () => provider.recording(call, signal)),
    },
    publicUrl: config.publicUrl,
    webhookSecret: config.calls.webhookSecret,
    onError,
  })
  await registerCallJobs({ service, reconcileAfter: config.calls.reconcileAfter })
  return service
}

interface ServingParts {
  readonly config: Config
  readonly log: Logger
  readonly telemetry: Telemetry
  readonly database: Database
  readonly auth: AuthService
  readonly calls: CallService
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly startedAt: number
}

/**
 * The server's own limit, in bytes, is out of reach: above it the server answers by itself, without
 * headers or a problem. It holds back what nobody reads: 400 MB sent at a handler that waits cost
 * 14 MB.
 */
const serverBodyLimit = 2 ** 40

/** A connection may be quiet for as long as a request may take, and a little longer. */
const idleMargin = 5000

function listen(parts: ServingParts, draining: () => boolean): OwnListener {
  const { config, telemetry, database, startedAt } = parts
  const figures = () => ({ ...telemetry.performance(), pool: database.pool.stats() })
  const app = createApp({
    ...parts,
    version,
    health: {
      check: healthChecks({
        database: () => database.check(),
        draining,
        eventLoopDelay: () => telemetry.performance().eventLoopDelay?.p99 ?? 0,
      }),
      details: () => ({
        version,
        runtime,
        uptimeSeconds: Math.round((Date.now() - startedAt) / 1000),
        pool: database.pool.stats(),
      }),
      performance: figures,
      exposition: () => telemetry.exposition(),
    },
    limits: memoryStore(),
    observations: observations(parts.log, telemetry),
    peerAddress,
  })
  const fetch = async (request: Request) => app.fetch(request)
  const server = serve({
    fetch: (request) => app.fetch(request),
    host: config.listen.host,
    port: config.listen.port,
    tls: parts.tls,
    maxBodySize: serverBodyLimit,
    idleTimeout: config.requestTimeout + idleMargin,
  })
  return { server, fetch }
}

/** What the process does of its own accord. */
const system = () => requestOrigin({ actorType: 'system' })

const delay = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
