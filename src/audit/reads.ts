import type { AuditOrigin } from './entry.ts'
import { requestOrigin } from './origin.ts'
import type { AuditTrail } from './trail.ts'

/** What somebody was shown. */
export interface DataRead {
  /** The table, in its own name. */
  readonly of: 'users' | 'api_keys' | 'calls' | 'audit_logs' | 'webhook_events'
  /** How many rows. */
  readonly count: number
  /** The id of a single call. @default {undefined} a list was shown */
  readonly callId?: string
}

/**
 * Records that somebody was shown data. Costs a request next to nothing: nobody waits for it.
 *
 * @param origin who. @default the request at hand
 */
export function recordRead(
  trail: Pick<AuditTrail, 'record'>,
  { of, count, callId }: DataRead,
  origin: AuditOrigin = requestOrigin(),
): Promise<void> {
  return trail.record({
    event: 'DATA_READ',
    origin,
    details: { of, count },
    ...(callId !== undefined && { resource: { type: 'call', id: callId } }),
  })
}
