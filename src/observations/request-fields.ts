/** What the log says of a request. */
import { ProblemError } from '../errors.ts'
import type { RequestContext } from '../hooks/request-context/index.ts'
import type { RequestLine, RequestLogLevel } from '../hooks/request-log/index.ts'
import { KnownFields, type Logger, quoted } from '../log/index.ts'
import { redact, shownUserAgent } from '../redaction/index.ts'

/**
 * A request's line, as members of a JSON object: it is written too often to be put together twice. All
 * of it is ours, but for what is redacted here: user agent and failure.
 */
export function requestFields(line: RequestLine, request: RequestContext | undefined): KnownFields {
  const { method, route, path, status, durationMs, bytesIn, bytesOut } = line
  const { principal, clientAddress } = request ?? {}
  const userAgent = request && userAgentOf(request)
  const routed = route === undefined ? '' : `,"route":${quoted(route)}`
  // Filled in with an id, a path is another one each time.
  const shown =
    path === undefined ? '' : `,"path":${path === route ? quoted(path) : JSON.stringify(path)}`
  const answered = status === undefined ? '' : `,"status":${status}`
  const received = bytesIn === undefined ? '' : `,"bytesIn":${bytesIn}`
  const sent = bytesOut === undefined ? '' : `,"bytesOut":${bytesOut}`
  const from = clientAddress === undefined ? '' : `,"clientAddress":"${clientAddress}"`
  const asked = principal
    ? `,"clientId":"${principal.clientId}","principal":{"type":"${principal.type}","id":"${principal.id}"}`
    : ''
  const agent = userAgent === undefined ? '' : `,"userAgent":${quoted(userAgent)}`
  return new KnownFields(
    `,"method":"${method}"${routed}${shown}${answered},"durationMs":${written(durationMs)}${received}${sent}${from}${asked}${agent}${exceptional(line, request)}`,
  )
}

/** Writes a request's line, where its level is written. */
export function writeRequest(
  log: Logger,
  level: RequestLogLevel,
  line: RequestLine,
  request: RequestContext | undefined,
): void {
  if (!log.isLevelEnabled(level)) return
  log.known(level, requestFields(line, request), line.aborted ? 'request aborted' : 'request')
}

/** What most lines have nothing of. */
function exceptional(
  { slow, aborted, durationMs, status }: RequestLine,
  request: RequestContext | undefined,
): string {
  const failure = request?.failure
  if (!slow && !aborted && failure === undefined) return ''
  return new KnownFields({
    ...(aborted && { aborted }),
    ...(slow && request && { slow, stages: stagesOf(request.times, durationMs) }),
    ...(failure instanceof ProblemError && { problem: failure.code }),
    // The cause of a refusal repeats what the client sent; that of a failure says where we went wrong.
    ...(failure instanceof Error &&
      status !== undefined &&
      status >= 500 && { error: redact(failure.cause ?? failure) }),
  }).members
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

/** The same as a number of JSON: two whole ones are written quicker than one with a point. */
function written(milliseconds: number): string {
  const microseconds = Math.round(milliseconds * 1000)
  const whole = Math.floor(microseconds / 1000)
  const rest = microseconds - whole * 1000
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000
