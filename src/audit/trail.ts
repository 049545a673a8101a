import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { auditLogs } from '#db/schema/index.ts'
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
export interface AuditEntry<Name extends AuditEventName = AuditEventName> {
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
  record<Name extends AuditEventName>(executor: Executor, entry: AuditEntry<Name>): Promise<void>
}

/** User agents are the stranger's to choose: enough to tell browsers apart, no more. */
const userAgentLimit = 256

/** What a trail needs. */
export interface AuditTrailOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** The platform's own client, which owns what no tenant does. */
  readonly platformClientId: () => string
}

/** The trail of this process. */
export function auditTrail({ now, platformClientId }: AuditTrailOptions): AuditTrail {
  return {
    async record(executor, { event, origin, details, resource, statusCode }) {
      const { severity, outcome } = auditEvents[event]
      await executor.insert(auditLogs).values({
        id: uuidv7(),
        createdAt: new Date(now()),
        eventType: event,
        severity,
        outcome,
        clientId: origin.clientId ?? platformClientId(),
        actorType: origin.actorType,
        actorId: origin.actorId,
        ip: origin.ip,
        userAgent: origin.userAgent?.slice(0, userAgentLimit),
        requestId: origin.requestId,
        traceId: origin.traceId,
        method: origin.method,
        path: origin.path,
        statusCode,
        resourceType: resource?.type,
        resourceId: resource?.id,
        details: details as Readonly<Record<string, unknown>>,
      })
    },
  }
}
