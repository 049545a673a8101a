import { isSpanContextValid, trace } from '@opentelemetry/api'
import { currentRequest } from '../hooks/request-context/index.ts'
import type { AuditOrigin } from './entry.ts'

/** Who is known to act: a principal, or whoever a feature knows better than the request does. */
export type AuditActor = Pick<AuditOrigin, 'actorType' | 'actorId' | 'clientId'>

/**
 * The origin of what the request at hand does. Outside of a request (a job, the shell) only actor
 * and trace are known.
 *
 * @param actor who acts, where the request's principal is not it
 */
export function requestOrigin(actor?: AuditActor): AuditOrigin {
  const request = currentRequest()
  const principal = request?.principal
  const span = trace.getActiveSpan()?.spanContext()
  return {
    ...(actor ??
      (principal
        ? { actorType: principal.type, actorId: principal.id, clientId: principal.clientId }
        : { actorType: request ? 'anonymous' : 'system' })),
    ip: request?.clientAddress,
    userAgent: request?.userAgent,
    requestId: request?.id,
    // One that is sent nowhere may have no identity but zeros.
    traceId: span !== undefined && isSpanContextValid(span) ? span.traceId : undefined,
    method: request?.method,
    path: request?.route,
  }
}
