import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { insertBatch } from '#db/insert-batch.ts'
import { auditLogs } from '#db/schema/index.ts'
import { redact, shownUserAgent } from '../redaction/index.ts'
import { type AuditDetails, type AuditEventName, auditEvents } from './events.ts'

/** Who did something, from where: the columns that all events of one request share. */
export interface AuditOrigin {
  /** The tenant. @default the platform's own, which owns what strangers do */
  readonly clientId?: string | undefined
  readonly actorType: 'user' | 'api_key' | 'provider' | 'system' | 'shell' | 'anonymous'
  readonly actorId?: string | undefined
  readonly ip?: string | undefined
  readonly userAgent?: string | undefined
  readonly requestId?: string | undefined
  readonly traceId?: string | undefined
  readonly method?: string | undefined
  /** The route's template: a path can hold secrets. */
  readonly path?: string | undefined
}

/** One event to record. */
export type AuditEntry<Name extends AuditEventName = AuditEventName> = {
  [Event in Name]: AuditEntryOf<Event>
}[Name]

interface AuditEntryOf<Name extends AuditEventName> {
  readonly event: Name
  readonly origin: AuditOrigin
  readonly details: AuditDetails<Name>
  readonly resource?: { readonly type: string; readonly id: string }
  readonly statusCode?: number
}

/** Where events go. */
export interface AuditTrail {
  /**
   * Records an event on the given connection: within the transaction of the change that it speaks
   * of, so that both are there or neither is.
   *
   * @throws what the database throws; the caller's transaction then fails as a whole
   */
  record(executor: Executor, entry: AuditEntry): Promise<void>
  /** Records several events, in their order, in one statement. */
  recordAll(executor: Executor, entries: readonly AuditEntry[]): Promise<void>
}

/** What a trail needs. */
export interface AuditTrailOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** The platform's own client, which owns what no tenant does. */
  readonly platformClientId: () => string
  /**
   * Hears of each event that was recorded, for metrics. Its transaction may still be rolled back.
   */
  readonly onRecord?: (entry: AuditEntry) => void
}

/** The trail of this process. */
export function auditTrail({ now, platformClientId, onRecord }: AuditTrailOptions): AuditTrail {
  const rowOf = ({ event, origin, details, resource, statusCode }: AuditEntry) => {
    const { severity, outcome } = auditEvents[event]
    return {
      id: uuidv7(),
      createdAt: new Date(now()),
      eventType: event,
      severity,
      outcome,
      clientId: origin.clientId ?? platformClientId(),
      actorType: origin.actorType,
      actorId: origin.actorId,
      ip: origin.ip,
      userAgent: origin.userAgent === undefined ? undefined : shownUserAgent(origin.userAgent),
      requestId: origin.requestId,
      traceId: origin.traceId,
      method: origin.method,
      path: origin.path,
      statusCode,
      resourceType: resource?.type,
      resourceId: resource?.id,
      details: redact(details) as Readonly<Record<string, unknown>>,
    }
  }
  const recordAll = async (executor: Executor, entries: readonly AuditEntry[]) => {
    await insertBatch(executor, auditLogs, entries.map(rowOf))
    for (const entry of entries) onRecord?.(entry)
  }
  return { recordAll, record: (executor, entry) => recordAll(executor, [entry]) }
}
