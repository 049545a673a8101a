import { requestOrigin } from './origin.ts'
import type { AuditTrail } from './trail.ts'

/** What somebody was shown. */
export interface DataRead {
  /** The table, in its own name. */
  readonly of: 'users' | 'api_keys' | 'calls' | 'audit_logs'
  /** How many rows. */
  readonly count: number
  /** The id of a single call. @default {undefined} a list was shown */
  readonly callId?: string
}

/** Records that the request at hand was shown data. Costs it next to nothing: nobody waits for it. */
export function recordRead(
  trail: Pick<AuditTrail, 'record'>,
  { of, count, callId }: DataRead,
): Promise<void> {
  return trail.record({
    event: 'DATA_READ',
    origin: requestOrigin(),
    details: { of, count },
    ...(callId !== undefined && { resource: { type: 'call', id: callId } }),
  })
}
