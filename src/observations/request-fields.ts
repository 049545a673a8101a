/** What the log says of a request. */
import { ProblemError } from '../errors.ts'
import type { RequestContext } from '../hooks/request-context/index.ts'
import type { RequestLine } from '../hooks/request-log/index.ts'
import { redact, shownUserAgent } from '../redaction/index.ts'

/** A request's line. All of it is ours, but for what is redacted here: user agent and failure. */
export function requestFields(line: RequestLine, request: RequestContext | undefined): object {
  const { method, route, path, status, durationMs, bytesIn, bytesOut, slow, aborted } = line
  const principal = request?.principal
  const failure = request?.failure
  return {
    method,
    route,
    path,
    status,
    durationMs: rounded(durationMs),
    bytesIn,
    bytesOut,
    clientAddress: request?.clientAddress,
    clientId: principal?.clientId,
    principal: principal && { type: principal.type, id: principal.id },
    userAgent: request && userAgentOf(request),
    ...(aborted && { aborted }),
    ...(slow && request && { slow, stages: stagesOf(request.times, durationMs) }),
    ...(failure instanceof ProblemError && { problem: failure.code }),
    // The cause of a refusal repeats what the client sent; that of a failure says where we went wrong.
    ...(failure instanceof Error &&
      line.status !== undefined &&
      line.status >= 500 && { error: redact(failure.cause ?? failure) }),
  }
}

/** The client's name for itself, without secrets. */
export function userAgentOf({ userAgent }: RequestContext): string | undefined {
  return userAgent === undefined ? undefined : shownUserAgent(userAgent)
}

/** Where the time went, in milliseconds. */
function stagesOf({ pool, query, provider }: RequestContext['times'], durationMs: number): object {
  return {
    pool: rounded(pool),
    query: rounded(query),
    provider: rounded(provider),
    handler: rounded(Math.max(0, durationMs - pool - query - provider)),
  }
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000
