import type { Drizzle } from '#db/database.ts'
import { type AuditTrail, requestOrigin } from '../audit/index.ts'
import { addressKey } from '../hooks/rate-limit/index.ts'
import { currentRequest } from '../hooks/request-context/index.ts'
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

/** Records refusals in the audit trail, before they are answered. */
export interface Denials {
  /**
   * A stranger, of whom only the address is known: one row by address (IPv6: by /56) and reason a
   * minute, so that a flood of garbage does not fill the trail; the request log has every refusal.
   */
  stranger(reason: DenialReason): Promise<void>
  /** A known principal who lacks a scope: each time, since their own rate limit bounds it. */
  principal(principal: Principal, scope: Scope): Promise<void>
}

/** Options of {@linkcode denials}. */
export interface DenialsOptions {
  readonly db: Drizzle
  readonly audit: AuditTrail
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
}

/** Milliseconds between two rows of one source and reason. */
const interval = 60_000

/** Sources remembered, and so stranger rows a minute, at most: a spread-out flood stops there. */
const maxSources = 1000

/** Makes the recorder of a service. */
export function denials({ db, audit, monotonic }: DenialsOptions): Denials {
  /** When each source was last recorded, oldest first. */
  const recorded = new Map<string, number>()

  /** Whether a source may be recorded now; keeps at most `maxSources` of the last minute. */
  function claim(source: string): boolean {
    const now = monotonic()
    for (const [known, at] of recorded) {
      if (now - at < interval) break
      recorded.delete(known)
    }
    if (recorded.has(source) || recorded.size >= maxSources) return false
    recorded.set(source, now)
    return true
  }

  return {
    async stranger(reason) {
      const source = `${reason} ${addressKey(currentRequest()?.clientAddress ?? 'unknown')}`
      if (!claim(source)) return
      try {
        await audit.record(db, {
          event: 'ACCESS_DENIED',
          origin: requestOrigin({ actorType: 'anonymous' }),
          details: { reason },
          statusCode: 401,
        })
      } catch (error) {
        recorded.delete(source)
        throw error
      }
    },
    async principal({ type, id, clientId }, scope) {
      await audit.record(db, {
        event: 'ACCESS_DENIED',
        origin: requestOrigin({ actorType: type, actorId: id, clientId }),
        details: { reason: 'missing_scope', scope },
        statusCode: 403,
      })
    },
  }
}
