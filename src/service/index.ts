/** Puts the parts together, in the order in which they need each other, and takes them apart. */
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { type Database, openDatabase } from '#db/database.ts'
import { DatabaseLayerError } from '#db/errors.ts'
import { type Jobs, openJobs } from '#db/jobs.ts'
import { createKeyring, loadDevelopmentKey } from '#db/keyring.ts'
import { openNotifications } from '#db/notifications/index.ts'
import {
  instrumentQueries,
  instrumentTransactions,
  jobTelemetry,
  observePool,
  startTelemetry,
  TelemetryError,
} from '#telemetry/index.ts'
import { requestOrigin } from '../audit/index.ts'
import {
  type AuthService,
  authService,
  FirstAdminError,
  type FirstCredentials,
  firstClient,
  passwordHasher,
  platformClientId,
  registerAuthJobs,
} from '../auth/index.ts'
import type { CallService } from '../calls/index.ts'
import { type Config, ConfigError } from '../config.ts'
import { addTime } from '../hooks/request-context/index.ts'
import { type Logger, withLogContext } from '../log/index.ts'
import { poolObserver } from '../observations.ts'
import { redactText } from '../redaction/index.ts'
import { ListenError, runtime } from '../server.ts'
import { version } from '../version.ts'
import { openAudit } from './audit.ts'
import { openAuditReading } from './audit-reading.ts'
import { openCalls } from './calls.ts'
import { observeCertificate } from './certificate.ts'
import { type Closer, closeAll, delay } from './closing.ts'
import { openFigures } from './figures.ts'
import { observeJobs } from './job-figures.ts'
import { openLimiterStore } from './limiter-store.ts'
import { listen, type OwnListener, readTls } from './listener.ts'
import { observeReadiness } from './readiness.ts'
import { openScans } from './scans.ts'
import { type OpenSeals, openSeals } from './seals.ts'
import { settingPrints } from './settings.ts'
import { startEvents } from './start-events.ts'

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
  /** Gives each line of the log to telemetry too. @default it is not copied */
  readonly copyLog?: (listener: (line: string) => void) => void
  /** Hears what the start is doing, for a person at a terminal. */
  readonly onProgress?: (text: string) => void
}

/** Whether a start was refused for a reason that the operator can mend; the message says how. */
export const isStartFailure = (error: unknown): error is Error =>
  error instanceof ConfigError ||
  error instanceof ListenError ||
  error instanceof DatabaseLayerError ||
  error instanceof FirstAdminError ||
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
    await closeAll(closers, log, performance.now() + config.shutdown.timeout)
    throw error
  }
}

/** Characters of a span's text that are looked at; telemetry keeps fewer. */
const spanTextLimit = 4096

async function assemble(
  config: Config,
  { log, lostLines = () => 0, copyLog, onProgress = () => undefined }: StartOptions,
  closers: Closer[],
): Promise<Service> {
  const startedAt = performance.now()
  const tls = await readTls(config)
  const telemetry = await startTelemetry({
    settings: config.telemetry,
    version,
    instanceId: uuidv7(),
    redact: (text) => redactText(text, spanTextLimit),
    onTrouble: (trouble) => log.debug({ trouble }, 'telemetry'),
  })
  closers.push((timeout) => telemetry.shutdown(timeout))
  observeCertificate(telemetry, tls)
  if (telemetry.writeLog) copyLog?.(telemetry.writeLog)
  telemetry.instruments.lostLogLines.addCallback((result) => result.observe(lostLines()))

  if (config.database.url !== undefined) onProgress('Connecting to PostgreSQL')
  let database: Database | undefined
  const times = observePool(telemetry, 'caly', () => database?.pool.stats() ?? noStats)
  database = await openDatabase({
    settings: config.database,
    dataDir: config.dataDir,
    observer: {
      ...poolObserver(log, telemetry),
      ...times,
      onTime(stage, milliseconds) {
        addTime(stage, milliseconds)
        times.onTime(stage, milliseconds)
      },
    },
    onProgress,
  })
  closers.push((timeout) => database.close(timeout))
  instrumentQueries(telemetry, database.Client)
  instrumentTransactions(telemetry, database.PooledClient)
  const migrated = await database.migrate({ auditRetentionDays: config.audit.retentionDays })
  const { applied } = migrated
  onProgress(applied > 0 ? `Applied ${applied} migrations` : 'The database is up to date')

  const keyring = createKeyring(config.encryptionKeys ?? [await loadDevelopmentKey(config.dataDir)])
  const hasher = passwordHasher()
  closers.push(() => hasher.close())
  let platform = ''
  const onError = (error: unknown, queue?: string) =>
    log.error({ error, queue }, 'background work failed')
  const figures = openFigures({ database, onError })
  closers.push(() => figures.close())
  const openedAudit = openAudit({
    settings: config.audit,
    spoolFolder: join(config.dataDir, 'audit-spool'),
    log,
    telemetry,
    database,
    keyring,
    platformClientId: () => platform,
    onError,
  })
  let seals: OpenSeals | undefined
  // Closes after the writer: its last events are sealed too.
  closers.push(async (timeout) => seals?.close(timeout))
  closers.push((timeout) => openedAudit.close(timeout))
  const { trail: audit } = openedAudit
  const firstCredentials = await firstClient({
    db: database.db,
    audit,
    hasher,
    admin: config.admin,
    production: config.production,
  })
  platform = (await platformClientId(database.db)) ?? ''
  await openedAudit.start()

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
  const limits = await openLimiterStore(config, log, telemetry)
  closers.push(async () => limits.close())
  let calls: CallService | undefined
  // After the jobs: one of them may be about to ask the provider.
  closers.push(async () => calls?.close())
  const jobs = traced(await openJobs({ database, onError, observer: jobTelemetry(telemetry) }))
  closers.push((timeout) => jobs.stop(timeout))
  await registerAuthJobs({ db: database.db, audit, now: Date.now, jobs })
  seals = await openSeals({
    ...{ config, log, telemetry, database, keyring, jobs, figures },
    platformClientId: () => platform,
  })
  observeJobs(telemetry, figures)
  observeReadiness(telemetry, figures)
  const started = await startEvents({
    database,
    version,
    prints: settingPrints(config, keyring),
    migrated,
    platformClientId: platform,
  })
  let own: OwnListener | undefined
  const parts = { config, log, telemetry, database, keyring, jobs, audit, figures, onError }
  calls = await openCalls({ ...parts, store: limits.store, platformClientId: platform }, () => own)
  const scans = await openScans(parts)
  if (telemetry.enabled) await figures.start()

  let draining = false
  const stopped = new AbortController()
  closers.push(async () => stopped.abort(new Error('The service is stopping')))
  const reading = await openAuditReading({ database, keyring, trail: audit }, stopped.signal)
  const warnings = () => ({
    audit: openedAudit.warning(),
    auditSeals: seals?.warning(),
    provider: calls?.warning(),
    ...limits.warnings(),
  })
  own = await listen(
    {
      ...{ config, log, telemetry, database, auth, calls, limits, tls, startedAt, warnings },
      audit: reading,
      scans,
    },
    () => draining,
  )
  const { server } = own
  // Not awaited: a signal that comes now must find somebody who handles it.
  for (const event of started) audit.record(event).catch(onError)
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
      const deadline = performance.now() + config.shutdown.timeout
      const cut = await server.stop(config.shutdown.timeout)
      if (cut > 0) log.warn({ requests: cut }, 'requests were cut off at the stop')
      const uptimeSeconds = Math.round((performance.now() - startedAt) / 1000)
      await audit
        .record({
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

/** The pool's numbers before there is one. */
const noStats = { limit: 0, min: 0, used: 0, idle: 0, pending: 0, timeouts: 0 }

/** What the process does of its own accord. */
const system = () => requestOrigin({ actorType: 'system' })
