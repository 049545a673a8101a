/** What of the hooks' observations goes into the audit trail, too. */
import { type AuditEntry, type AuditTrail, requestOrigin } from '../audit/index.ts'
import { ValidationError } from '../errors.ts'
import type { Finding } from '../hooks/anomaly/index.ts'
import { addressKey } from '../hooks/rate-limit/index.ts'
import type { Observations } from '../observations.ts'

/** What {@linkcode audited} needs. */
export interface AuditedOptions {
  readonly trail: Pick<AuditTrail, 'recordSummed'>
  /** Hears of an event that could not be recorded: the hooks wait for none. */
  readonly onError: (error: unknown) => void
}

/** Problems of requests that are not what they should be. */
const invalid: readonly string[] = ['VALIDATION_FAILED', 'MALFORMED_BODY', 'MALFORMED_REQUEST']

/** Places that a row names; a request can have a thousand wrong ones. */
const mostFields = 20

/**
 * The same observations, whose refusals are events as well: summed up by type and principal, or
 * address (IPv6: /56), so that nobody fills the trail with what costs them nothing. Not by what they
 * hit: one client has thousands of routes and findings to choose from.
 */
export function audited(
  observations: Observations,
  { trail, onError }: AuditedOptions,
): Observations {
  const record = (entry: AuditEntry) => {
    const { actorId, ip } = entry.origin
    trail.recordSummed(actorId ?? addressKey(ip ?? 'unknown'), entry).catch(onError)
  }
  return {
    ...observations,
    onProblem(problem, route) {
      observations.onProblem(problem, route)
      const { code, status } = problem
      if (!invalid.includes(code)) return
      const fields = problem instanceof ValidationError ? problem.errors : []
      record({
        event: 'VALIDATION_FAILED',
        origin: requestOrigin(),
        details: { code, fields: fields.slice(0, mostFields).map(({ path }) => path) },
        statusCode: status,
      })
    },
    async onLimited(limited) {
      observations.onLimited(limited)
      const { policy, key, window } = limited
      await trail.recordSummed(
        `${policy} ${key}`,
        {
          event: 'RATE_LIMIT_EXCEEDED',
          origin: requestOrigin(),
          details: { policy },
          statusCode: 429,
        },
        window,
      )
    },
    onFindings(findings, handling) {
      observations.onFindings(findings, handling)
      const blocked = handling === 'block'
      const kinds = [...new Set(findings.map(findingText))].slice(0, mostFields)
      record({
        event: 'SECURITY_VIOLATION',
        // Where the attack stood in it, the row would repeat it.
        origin: { ...requestOrigin(), ...(findings.some(isUserAgent) && { userAgent: undefined }) },
        details: { findings: kinds, blocked },
        ...(blocked && { statusCode: 403 }),
      })
    },
  }
}

const isUserAgent = ({ name }: Finding): boolean => name === 'user-agent'

/** Such as `sql-injection in body.notes`: kind and place, and a name where it is one of ours. */
const findingText = ({ kind, place, name }: Finding): string =>
  `${kind} in ${place}${name === undefined ? '' : `.${name}`}`
