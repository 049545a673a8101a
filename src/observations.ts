/** What the hooks tell, and who hears it: the log, the metrics, the audit trail. */
import type { DatabaseLayerError } from '#db/errors.ts'
import type { RequestDescription, Telemetry } from '#telemetry/index.ts'
import type { AuditEntry } from './audit/index.ts'
import { DatabaseError, type ProblemError } from './errors.ts'
import type { Finding } from './hooks/anomaly/index.ts'
import {
  currentRequest,
  currentRequestState,
  type RequestContext,
  setFailure,
} from './hooks/request-context/index.ts'
import type { RequestLine, RequestLogLevel } from './hooks/request-log.ts'
import type { Logger } from './log.ts'

/** One function for each thing that a hook can tell. */
export interface Observations {
  readonly onRequest: (level: RequestLogLevel, line: RequestLine) => void
  readonly onSlowRequest: () => void
  readonly onProblem: (problem: ProblemError) => void
  /** A problem that was answered outside of its request's own context. */
  readonly onLateProblem: (problem: ProblemError, request: RequestContext | undefined) => void
  readonly onVerdict: (policy: string, allowed: boolean) => void
  readonly onLimited: (policy: string) => void
  readonly onFindings: (findings: readonly Finding[], blocked: boolean) => void
  readonly translate: (error: unknown) => ProblemError | undefined
  readonly describeRequest: () => RequestDescription
}

/** Connects the hooks with those who want to know. */
export function observations(log: Logger, telemetry: Telemetry): Observations {
  const { instruments } = telemetry
  return {
    onRequest(level, { method, status, durationMs, aborted }) {
      const request = currentRequestState()
      const failure = status >= 500 ? request?.failure : undefined
      log[level](
        {
          method,
          route: request?.route,
          status,
          durationMs: Math.round(durationMs * 1000) / 1000,
          clientAddress: request?.clientAddress,
          clientId: request?.principal?.clientId,
          principal: request?.principal?.id,
          ...(aborted && { aborted }),
          ...(failure instanceof Error && { error: failure.cause ?? failure }),
        },
        'request',
      )
    },
    onSlowRequest: () => instruments.slowRequests.add(1),
    onProblem(problem) {
      const request = currentRequest()
      if (request) setFailure(request, problem)
    },
    onLateProblem(problem, request) {
      if (request) setFailure(request, problem)
    },
    onVerdict: (policy, allowed) =>
      instruments.rateLimitVerdicts.add(1, {
        'caly.rate_limit.policy': policy,
        'caly.rate_limit.allowed': allowed,
      }),
    onLimited: (policy) => log.warn({ policy }, 'rate limited'),
    onFindings(findings, blocked) {
      for (const { kind } of findings)
        instruments.anomalies.add(1, {
          'caly.anomaly.kind': kind,
          'caly.anomaly.action': blocked ? 'block' : 'monitor',
        })
      log.warn({ findings, blocked, route: currentRequest()?.route }, 'anomaly')
    },
    translate: databaseProblem,
    describeRequest() {
      const request = currentRequest()
      if (request === undefined) return {}
      return {
        route: request.route,
        clientAddress: request.clientAddress,
        scheme: request.secure ? 'https' : 'http',
        requestId: request.id,
        clientId: request.principal?.clientId,
        trusted: request.trusted,
        failure: request.failure,
      }
    },
  }
}

/** Counts what the audit trail records: each of these events is a metric, too. */
export function eventCounter({ instruments }: Telemetry): (entry: AuditEntry) => void {
  return ({ event, details }) => {
    switch (event) {
      case 'CALL_QUEUED':
        return instruments.callStatusChanges.add(1, { 'caly.call.status': 'queued' })
      case 'CALL_STATUS_CHANGED':
        return instruments.callStatusChanges.add(1, { 'caly.call.status': details.to })
      case 'WEBHOOK_RECEIVED':
        return instruments.webhookEvents.add(1, { 'caly.webhook.outcome': 'received' })
      case 'WEBHOOK_REJECTED':
        return instruments.webhookEvents.add(1, { 'caly.webhook.outcome': 'rejected' })
      default:
        return undefined
    }
  }
}

/** Looks through wrappers (drizzle's holds the parameters) for the database layer's own error. */
function databaseProblem(error: unknown): DatabaseError | undefined {
  for (
    let cause = error, depth = 0;
    cause instanceof Error && depth < 5;
    cause = cause.cause, depth++
  )
    if (isDatabaseLayerError(cause)) return new DatabaseError(cause.retryable, { cause })
  return undefined
}

const isDatabaseLayerError = (error: Error): error is DatabaseLayerError => 'retryable' in error
