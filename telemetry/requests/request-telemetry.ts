import { context, trace } from '@opentelemetry/api'
import { Elysia } from 'elysia'
import { linkedRoot } from '../linked-context.ts'
import type { Telemetry } from '../telemetry.ts'
import type { DescribeRequest } from './request-description.ts'
import type { RequestRecording } from './request-recorder.ts'
import { RequestSpan } from './request-span.ts'
import type { BodyEnd } from './response-body.ts'

/** Options of {@linkcode requestTelemetry}. */
export interface RequestTelemetryOptions {
  /**
   * Tells what the app knows of the request at hand; asked when it ends, and for `trusted` at the
   * first need.
   * @default the route alone, from a transform hook: routes added before the plugin have none
   */
  readonly describe?: DescribeRequest
  /** `performance.now()` at the arrival of the request at hand. @default when the hook gets it */
  readonly startedAt?: () => number | undefined
  /** The bytes of an answer in one piece, where somebody knows. @default its headers are asked */
  readonly sizeOf?: (answer: Response) => number | undefined
  /** Hears how a streamed answer ended, within its request's own context. */
  readonly onStreamEnd?: (end: BodyEnd) => void
}

/**
 * Traces and measures every request: one server span, in whose context everything runs that the
 * request causes, and `http.server.request.duration`. With telemetry disabled it adds nothing.
 * Stage: around everything. What `describe` reads must be wrapped around it: Elysia's last wrap is
 * the outermost.
 *
 * An answer in one piece ends its request; a stream does when its last byte has gone, its client has,
 * or it breaks off. Streams are known by their media type: a handler's own `Response` without one
 * is taken for one piece.
 *
 * @example The handler runs in the span of its request
 * ```ts
 * import { match } from 'node:assert/strict'
 * import { trace } from '@opentelemetry/api'
 * import { Elysia } from 'elysia'
 * import { readConfig } from '../../src/config.ts'
 * import { startTelemetry } from '../sdk.ts'
 * const settings = readConfig({}).telemetry
 * const telemetry = await startTelemetry({ settings, version: '1.0.0', instanceId: 'replica-1' })
 * const app = new Elysia()
 *   .use(requestTelemetry(telemetry))
 *   .get('/', () => trace.getActiveSpan()?.spanContext().traceId)
 * const response = await app.handle(new Request('http://localhost/'))
 * match(await response.text(), /^[0-9a-f]{32}$/)
 * await telemetry.shutdown(1000)
 * ```
 */
export function requestTelemetry(
  { requests }: Pick<Telemetry, 'requests'>,
  options: RequestTelemetryOptions = {},
) {
  const plugin = new Elysia({ name: 'caly/request-telemetry' })
  if (requests === undefined) return plugin
  plugin.wrap(
    (handle, request) =>
      (...rest: unknown[]) =>
        observe(requests.start(request, options), handle, rest),
  )
  return options.describe
    ? plugin
    : plugin.onTransform({ as: 'global' }, ({ route }) => noteRoute(route))
}

type Handle = (...rest: unknown[]) => unknown

function observe(recording: RequestRecording, handle: Handle, rest: unknown[]): unknown {
  const fail = (error: unknown): never => {
    recording.failed(error)
    throw error
  }
  let answer: unknown
  try {
    answer = context.with(trace.setSpan(linkedRoot, recording.span), handle, undefined, ...rest)
  } catch (error) {
    return fail(error)
  }
  if (answer instanceof Promise)
    return answer.then((settled) => recording.answered(settled, true), fail)
  return recording.answered(answer, false)
}

function noteRoute(route: string): void {
  const span = trace.getActiveSpan()
  if (span instanceof RequestSpan) span.route = route
}
