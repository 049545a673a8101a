import type { AuditDetails, AuditEventName } from './events.ts'

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

/** One event to record. It belongs to the trail from then on: nobody may change it. */
export type AuditEntry<Name extends AuditEventName = AuditEventName> = {
  [Event in Name]: AuditEntryOf<Event>
}[Name]

interface AuditEntryOf<Name extends AuditEventName> {
  readonly event: Name
  readonly origin: AuditOrigin
  /** Personal data stands under `personal` alone, where an erasure reaches it. */
  readonly details: AuditDetails<Name>
  readonly resource?: { readonly type: string; readonly id: string }
  readonly statusCode?: number
  /** Present where this entry stands for others like it; shown among the details. */
  readonly summary?: AuditSummary
}

/** What one row says of the events that it stands for. */
export interface AuditSummary {
  /** How many events, beside the first, which has a row of its own, have none. */
  readonly suppressed: number
  /** When the first and the last of these happened: ISO 8601, to the millisecond. */
  readonly from: string
  readonly to: string
}
