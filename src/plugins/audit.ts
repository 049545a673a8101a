/** `caly/audit`: an audit trail in PostgreSQL that survives crashes and outages. */
import { join } from 'node:path'
import { Elysia } from 'elysia'
import { type Database, openDatabase } from '#db/database.ts'
import { createKeyring } from '#db/keyring.ts'
import { disabledTelemetry, type Telemetry } from '#telemetry/index.ts'
import type { AuditTrail } from '../audit/index.ts'
import { audited } from '../observations/audit.ts'
import type { Observations } from '../observations.ts'
import { openAudit } from '../service/audit.ts'
import { processLog } from './process-log.ts'

export {
  type AuditEntry,
  type AuditEventName,
  type AuditOrigin,
  type AuditTrail,
  auditEvents,
  requestOrigin,
} from '../audit/index.ts'

/** Options of {@linkcode openTrail}. */
export interface TrailOptions {
  /**
   * `postgres://…`: a database of its own. All of Caly's tables are made there, some of which have
   * names (`users`, `clients`) that an app's own database may have, too.
   */
  readonly postgres: string
  /** 64 hex digits each: the first makes the MACs that tell Caly's rows from forged ones. */
  readonly encryptionKeys: readonly string[]
  /** Where events wait, on disk, while the database is away. @default '.caly/audit-spool' */
  readonly folder?: string
  /** Bytes that may wait there. @default 256 MiB */
  readonly spoolBytes?: number
  /**
   * What becomes of an event that neither database nor disk takes: whoever waits for it fails, or it
   * is counted and dropped.
   * @default 'refuse'
   */
  readonly onFull?: 'refuse' | 'drop'
  /** Connections to the database. @default 2 */
  readonly connections?: number
}

/** A trail that is open. */
export interface OpenTrail {
  readonly trail: AuditTrail
  /**
   * Resolves once the database is there, with its tables. Nobody needs to wait for it: until then
   * events wait on disk.
   *
   * @throws {DatabaseUnreachableError} if it cannot be reached; the message says what to do
   */
  ready(): Promise<void>
  /** What hooks tell, with refusals as events of the trail, too: for `caly()`. */
  observing(told: Observations): Observations
  /** What is wrong with it, for a health check; nothing where all is well. */
  warning(): string | undefined
  /** @param timeout milliseconds; what the database has not taken by then is on disk @default 5000 */
  close(timeout?: number): Promise<void>
}

/** Owns what no tenant does: an app has one tenant, itself. */
const ownClient = '00000000-0000-4000-8000-000000000000'

const mebibyte = 2 ** 20

/**
 * Opens a trail. It does not wait for the database, and tries again whenever an event wants it.
 *
 * @param telemetry counts what becomes of events. @default they are not counted
 * @throws {RangeError} if a key is not 64 hex digits
 */
export function openTrail(options: TrailOptions, telemetry?: Telemetry): OpenTrail {
  const { folder = join('.caly', 'audit-spool'), spoolBytes = 256 * mebibyte } = options
  const { onFull = 'refuse' } = options
  const keyring = createKeyring(options.encryptionKeys)
  const { logger } = processLog()
  const database = lazily(options)
  const opened = openAudit({
    settings: { onFull, spoolBytes },
    spoolFolder: folder,
    log: logger,
    telemetry: telemetry ?? disabledTelemetry(),
    database: { client: { query: async (query) => (await database.get()).client.query(query) } },
    keyring,
    platformClientId: () => ownClient,
    onError: (error) => logger.error({ error }, 'the audit trail'),
  })
  const started = opened.start()
  started.catch((error: unknown) => logger.error({ error }, 'the audit spool'))
  return {
    trail: opened.trail,
    async ready() {
      await started
      await database.get()
    },
    observing: (told) =>
      audited(told, {
        trail: opened.trail,
        onError: (error) => logger.error({ error }, 'an event is not in the audit trail'),
      }),
    warning: opened.warning,
    async close(timeout = 5000) {
      await opened.close(timeout)
      await database.close(timeout)
    },
  }
}

/** A database that is opened when it is first wanted, and again after that failed. */
function lazily({ postgres, connections = 2 }: TrailOptions) {
  let opening: Promise<Database> | undefined
  const open = async (): Promise<Database> => {
    const database = await openDatabase({
      settings: {
        url: postgres,
        listenUrl: undefined,
        ownerUrl: undefined,
        poolMax: connections,
        poolMin: 0,
        idleTimeout: 30_000,
        connectionTimeout: 5000,
        statementTimeout: 10_000,
        slowQuery: 1000,
        prepare: true,
      },
      dataDir: '',
    })
    await database.migrate()
    return database
  }
  return {
    get(): Promise<Database> {
      opening ??= open().catch((error: unknown) => {
        opening = undefined
        throw error
      })
      return opening
    },
    async close(timeout: number): Promise<void> {
      const database = await opening?.catch(() => undefined)
      await database?.close(timeout)
    },
  }
}

/**
 * Gives handlers the trail as `audit`, and closes it when the app stops.
 *
 * @param trail one that is open, or the options for one
 */
export function audit(trail: OpenTrail | TrailOptions) {
  const open = 'trail' in trail ? trail : openTrail(trail)
  return new Elysia({ name: 'caly/audit' }).decorate('audit', open.trail).onStop(() => open.close())
}
