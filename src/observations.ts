/** What the hooks tell, and who hears it: the log, the metrics, the audit trail. */
import type { PoolObserver } from '#db/database.ts'
import type { DatabaseLayerError } from '#db/errors.ts'
import type { BodyEnd, RequestDescription, Telemetry } from '#telemetry/index.ts'
import type { AuditEntry } from './audit/index.ts'
import { DatabaseError, ProblemError } from './errors.ts'
import type { Finding, Handling } from './hooks/anomaly/index.ts'
import { type OverloadReason, WorkRefusedError } from './hooks/overload/index.ts'
import type { Limited } from './hooks/rate-limit/index.ts'
import {
  currentRequest,
  type RequestContext,
  setFailure,
  setRoute,
} from './hooks/request-context/index.ts'
import type { RequestLine, RequestLogLevel } from './hooks/request-log/index.ts'
import type { Logger } from './log/index.ts'
import { userAgentOf, writeRequest } from './observations/request-fields.ts'
import { redact } from './redaction/index.ts'

/** One function for each thing that a hook can tell. */
export interface Observations {
  readonly onRequest: (level: RequestLogLevel, line: RequestLine) => void
  readonly onSlowRequest: () => void
  readonly onProblem: (problem: ProblemError, route?: string) => void
  /** A problem that was answered outside of its request's own context. */
  readonly onLateProblem: (problem: ProblemError, request: RequestContext | undefined) => void
  readonly onVerdict: (policy: string, allowed: boolean) => void
  readonly onOverloadRefusal: (reason: OverloadReason) => void
  readonly onOverload: (state: 'begins' | 'ends', reason: OverloadReason) => void
  readonly onLimited: (limited: Limited) => unknown
  readonly onFindings: (findings: readonly Finding[], handling: Handling) => void
  /** A fault of the detection itself, which costs no request anything. */
  readonly onDetectionError: (error: unknown) => void
  readonly translate: (error: unknown) => ProblemError | undefined
  readonly describeRequest: () => RequestDescription
  /** How a streamed answer ended; its request's line was written at its first byte. */
  readonly onStreamEnd: (end: BodyEnd) => void
}

/** Connects the hooks with those who want to know. */
export function observations(log: Logger, telemetry: Telemetry): Observations {
  const { instruments } = telemetry
  return {
    onRequest(level, line) {
      const request = currentRequest()
      // They come by the thousand, when there is no time to write: they are counted.
      if (request?.failure instanceof WorkRefusedError) return
      writeRequest(log, level, line, request)
    },
    onSlowRequest: () => instruments.slowRequests.add(1),
    onProblem(problem, route) {
      const request = currentRequest()
      if (request === undefined) return
      setFailure(request, problem)
      setRoute(request, route)
    },
    onLateProblem(problem, request) {
      if (request) setFailure(request, problem)
    },
    onVerdict: verdictCounter(telemetry),
    // The request's own line says that it was refused; this one, which of the policies did it.
    onLimited: ({ policy }) => log.debug({ policy }, 'rate limited'),
    onOverloadRefusal: (reason) =>
      instruments.overloadRefusals.add(1, { 'caly.overload.reason': reason }),
    onOverload: (state, reason) => log.warn({ reason }, `overload ${state}`),
    onFindings(findings, handling) {
      for (const kind of new Set(findings.map(({ kind }) => kind)))
        instruments.anomalies.add(1, {
          'caly.anomaly.kind': kind,
          'caly.anomaly.action': handling,
        })
      log.warn({ findings, action: handling, route: currentRequest()?.route }, 'anomaly')
    },
    onDetectionError: (error) => log.error({ error }, 'the detection of attacks failed'),
    translate: databaseProblem,
    onStreamEnd({ outcome, bytes, failure }) {
      const fields = { route: currentRequest()?.route, bytesOut: bytes }
      if (outcome === 'left') log.warn(fields, 'answer left by its client')
      if (outcome === 'failed') log.error({ ...fields, error: redact(failure) }, 'answer broke off')
    },
    describeRequest() {
      const request = currentRequest()
      if (request === undefined) return {}
      return {
        route: request.route,
        clientAddress: request.clientAddress,
        scheme: request.secure ? 'https' : 'http',
        userAgent: userAgentOf(request),
        requestId: request.id,
        clientId: request.principal?.clientId,
        trusted: request.trusted,
        failure: request.failure,
      }
    },
  }
}

/** Counts verdicts. Each request has one at least: so the series of each policy is looked up once. */
function verdictCounter({ instruments }: Telemetry): Observations['onVerdict'] {
  const passed = new Map<string, (value: number) => void>()
  const refused = new Map<string, (value: number) => void>()
  return (policy, allowed) => {
    const counters = allowed ? passed : refused
    let count = counters.get(policy)
    if (count === undefined) {
      count = instruments.rateLimitVerdicts.of({
        'caly.rate_limit.policy': policy,
        'caly.rate_limit.allowed': allowed,
      })
      counters.set(policy, count)
    }
    count(1)
  }
}

/** Tells what the pool of connections notices. */
export function poolObserver(log: Logger, { instruments }: Telemetry): PoolObserver {
  return {
    onSlowQuery({ text, durationMs }) {
      instruments.slowQueries.add(1)
      log.warn({ query: text, durationMs: Math.round(durationMs) }, 'slow query')
    },
    onHeldTooLong: (held) => log.warn(held, 'a connection is held for long'),
    onTimeout: ({ used, idle, pending }) =>
      log.error({ used, idle, pending }, 'no connection came free in time'),
    onBroken: (error) => log.warn({ error }, 'a connection to the database broke'),
  }
}

/** Counts what the audit trail records: each of these events is a metric, too. */
export function eventCounter({ instruments }: Telemetry): (entry: AuditEntry) => void {
  return ({ event, details, summary }) => {
    // A row that stands for others like it is as many.
    const count = summary?.suppressed ?? 1
    switch (event) {
      case 'LOGIN_SUCCESS':
        return instruments.logins.add(count, { 'caly.login.outcome': 'success' })
      case 'LOGIN_FAILURE':
        return instruments.logins.add(count, {
          'caly.login.outcome': 'failure',
          'caly.login.reason': details.reason,
        })
      case 'ACCOUNT_LOCKED':
        return instruments.lockouts.add(count, { 'caly.lockout.scope': details.scope })
      case 'CALL_QUEUED':
        return instruments.callStatusChanges.add(count, { 'caly.call.status': 'queued' })
      case 'CALL_RECEIVED':
        return instruments.callStatusChanges.add(count, { 'caly.call.status': 'ringing' })
      case 'CALL_STATUS_CHANGED':
        return instruments.callStatusChanges.add(count, { 'caly.call.status': details.to })
      case 'WEBHOOK_RECEIVED':
        return instruments.webhookEvents.add(count, { 'caly.webhook.outcome': 'received' })
      case 'WEBHOOK_REJECTED':
        return instruments.webhookEvents.add(count, { 'caly.webhook.outcome': 'rejected' })
      default:
        return undefined
    }
  }
}

/** Looks through wrappers (drizzle's holds the parameters) for the database layer's own error. */
function databaseProblem(error: unknown): DatabaseError | undefined {
  for (
    let cause = error, depth = 0;
    // A problem says for itself what it is, whatever is behind it.
    cause instanceof Error && !(cause instanceof ProblemError) && depth < 5;
    cause = cause.cause, depth++
  )
    if (isDatabaseLayerError(cause)) return new DatabaseError(cause.retryable, { cause })
  return undefined
}

const isDatabaseLayerError = (error: Error): error is DatabaseLayerError => 'retryable' in error
