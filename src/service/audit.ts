import { v7 as uuidv7 } from 'uuid'
import type { Database } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import type { Telemetry } from '#telemetry/index.ts'
import {
  type AuditTrail,
  auditRow,
  auditTrail,
  auditWriter,
  insertRedated,
  openSpool,
  rowMacs,
  type WriterObserver,
} from '../audit/index.ts'
import type { Config } from '../config.ts'
import type { Logger } from '../log/index.ts'
import { eventCounter } from '../observations.ts'

/** What the trail is made of. */
export interface AuditParts {
  readonly settings: Pick<Config['audit'], 'onFull' | 'spoolBytes'>
  /** Where events wait while the database is away. */
  readonly spoolFolder: string
  readonly log: Logger
  readonly telemetry: Telemetry
  readonly database: { readonly client: Pick<Database['client'], 'query'> }
  readonly keyring: Keyring
  /** The platform's own client, once it is known. */
  readonly platformClientId: () => string
  readonly onError: (error: unknown) => void
}

/** The trail of a running service. */
export interface OpenAudit {
  readonly trail: AuditTrail
  /** Takes over what dead processes have left. Once the platform's client is known. */
  start(): Promise<void>
  /** What is wrong with it, for `/health/ready`. */
  warning(): string | undefined
  /** @param timeout milliseconds; what the database has not taken by then is in the spool */
  close(timeout: number): Promise<void>
}

/** Opens the trail with its writer. */
export function openAudit(parts: AuditParts): OpenAudit {
  const { settings, spoolFolder, log, telemetry, database, keyring, platformClientId, onError } =
    parts
  const maker = { macs: rowMacs(keyring), platformClientId }
  const writer = auditWriter({
    build: (entry, stamp) => auditRow(entry, stamp, maker),
    insert: (rows) => insertRedated(database.client, maker.macs, rows),
    spool: openSpool({
      folder: spoolFolder,
      limit: settings.spoolBytes,
      onForget: (file) => log.warn({ file }, 'a damaged file of the audit spool was removed'),
    }),
    onFull: settings.onFull,
    now: Date.now,
    stamp: () => ({ id: uuidv7(), at: Date.now() }),
    observer: writerObserver(log, telemetry),
  })
  const trail = auditTrail({
    now: Date.now,
    maker,
    recorder: writer.record,
    onRecord: eventCounter(telemetry),
    onError,
  })
  const { auditQueue, auditQueueAge, auditSpool } = telemetry.instruments
  auditQueue.addCallback((result) => result.observe(writer.status().queued))
  auditQueueAge.addCallback((result) => {
    const now = Date.now()
    result.observe(Math.max(0, now - (writer.status().oldestAt ?? now)) / 1000)
  })
  auditSpool.addCallback((result) => result.observe(writer.status().spooled))
  return {
    trail,
    start: writer.start,
    warning() {
      const { full, spooled, away, onDisk } = writer.status()
      if (full) return 'neither database nor spool takes audit events'
      if (!onDisk) return 'the audit spool cannot be written: see CALY_DATA_DIR'
      return away || spooled > 0 ? 'audit events wait on disk for the database' : undefined
    },
    async close(timeout) {
      await trail.close()
      await writer.close(timeout)
    },
  }
}

/** Milliseconds between two lines of the log about events that are lost. */
const alarmInterval = 10_000

function writerObserver(log: Logger, { instruments }: Telemetry): WriterObserver {
  const lost = { dropped: 0, refused: 0 }
  let alarmed = Number.NEGATIVE_INFINITY
  return {
    onFlush(rows, durationMs) {
      instruments.auditEvents.add(rows, { 'caly.audit.way': 'database' })
      instruments.auditFlush.record(durationMs / 1000)
    },
    onSpool: (rows) => instruments.auditEvents.add(rows, { 'caly.audit.way': 'spool' }),
    onGap(outcome, error) {
      instruments.auditGaps.add(1, { 'caly.audit.outcome': outcome })
      lost[outcome] += 1
      const now = performance.now()
      if (now - alarmed < alarmInterval) return
      alarmed = now
      log.error({ ...lost, error }, 'audit events have no row: nothing takes them')
    },
    onAway: (error) => log.error({ error }, 'the database takes no audit events: they go to disk'),
    onBack: (rows) => log.info({ rows }, 'the audit events on disk are in the database'),
    onDamage(lines) {
      instruments.auditGaps.add(lines, { 'caly.audit.outcome': 'dropped' })
      log.error({ lines }, 'a file of the audit spool is damaged: it is kept as *.damaged')
    },
    onError: (error) => log.error({ error }, 'the audit spool'),
  }
}
