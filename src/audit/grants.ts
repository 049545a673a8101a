import { requestOrigin } from './origin.ts'
import type { AuditTrail } from './trail.ts'

/**
 * Records that the request at hand was let in to what needs an unusual scope, summed up by principal
 * and route: scrapers come every few seconds.
 */
export function recordGrant(trail: Pick<AuditTrail, 'recordSummed'>, scope: string): Promise<void> {
  const origin = requestOrigin()
  return trail.recordSummed(`${scope} ${origin.actorId} ${origin.path}`, {
    event: 'ACCESS_GRANTED',
    origin,
    details: { scope },
  })
}
