import { type AuditTrail, requestOrigin } from '../audit/index.ts'
import { addressKey } from '../hooks/rate-limit/index.ts'
import { currentRequest, type RequestContext } from '../hooks/request-context/index.ts'
import type { Principal } from './principal.ts'
import type { Scope } from './scopes.ts'

/** Why a stranger was refused. */
export type DenialReason =
  | 'no_credentials'
  | 'malformed_credentials'
  | 'conflicting_credentials'
  | 'invalid_token'
  | 'invalid_key'
  | 'invalid_refresh_token'
  | 'expired'

/**
 * Records refusals in the audit trail, before they are answered. Of what comes again and again the
 * trail keeps the first row and, a minute later, how many followed: the request log has every one.
 */
export interface Denials {
  /** A stranger, of whom only the address is known: summed up by it (IPv6: by /56) and the reason. */
  stranger(reason: DenialReason): Promise<void>
  /** A known principal who lacks a scope: summed up by these two and the route. */
  principal(principal: Principal, scope: Scope): Promise<void>
}

const routeOf = (request: RequestContext | undefined): string =>
  `${request?.method} ${request?.route}`

/** Makes the recorder of a service. */
export function denials(audit: AuditTrail): Denials {
  return {
    stranger: (reason) =>
      audit.recordSummed(`${reason} ${addressKey(currentRequest()?.clientAddress ?? 'unknown')}`, {
        event: 'ACCESS_DENIED',
        origin: requestOrigin({ actorType: 'anonymous' }),
        details: { reason },
        statusCode: 401,
      }),
    principal: ({ type, id, clientId }, scope) =>
      audit.recordSummed(`${scope} ${id} ${routeOf(currentRequest())}`, {
        event: 'ACCESS_DENIED',
        origin: requestOrigin({ actorType: type, actorId: id, clientId }),
        details: { reason: 'missing_scope', scope },
        statusCode: 403,
      }),
  }
}
