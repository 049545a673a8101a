import { diag } from '@opentelemetry/api'
import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { type MethodIndex, methodIndex, methodName } from './http-method.ts'
import type { RequestMetrics } from './request-metrics.ts'
import { RequestSpan, type RequestSpanOrigin } from './request-span.ts'
import type { RequestSampler } from './sampling.ts'
import { otherName } from './series.ts'
import { parseTraceparent } from './trace-context.ts'

/** What an app knows of the request at hand, as far as it has got. */
export interface RequestDescription {
  /** The router's template; undefined where no route matched. Never the path. */
  readonly route?: string | undefined
  readonly clientAddress?: string | undefined
  /** As the client sees it: before a proxy took TLS away. */
  readonly scheme?: 'http' | 'https' | undefined
  readonly requestId?: string | undefined
  /** The tenant. */
  readonly clientId?: string | undefined
  /** Whether the caller's word on sampling counts: it is one of our own services or proxies. */
  readonly trusted?: boolean | undefined
  /** The error behind an answer that says there was one. */
  readonly failure?: unknown
}

/** Asks the app about the request at hand. Called within the request's own context. */
export type DescribeRequest = () => RequestDescription | undefined

/** What a {@linkcode RequestRecorder} needs. */
export interface RequestRecorderOptions {
  readonly metrics: RequestMetrics
  readonly origin: RequestSpanOrigin
  readonly ids: IdGenerator
  readonly sampler: RequestSampler
  /** Takes finished spans that are sampled. */
  readonly onSpan: (span: RequestSpan) => void
}

/** Starts and ends the recording of requests: the one place that knows what is said of them. */
export class RequestRecorder {
  readonly metrics: RequestMetrics
  readonly #options: RequestRecorderOptions

  constructor(options: RequestRecorderOptions) {
    this.metrics = options.metrics
    this.#options = options
  }

  /** @param describe asked when the sampling is decided, and at the end */
  start(request: Request, describe: DescribeRequest | undefined): RequestRecording {
    return new RequestRecording(this.#options, request, describe)
  }
}

/** One request on its way. */
export class RequestRecording {
  readonly span: RequestSpan
  readonly #options: RequestRecorderOptions
  readonly #request: Request
  readonly #describe: DescribeRequest | undefined
  readonly #method: MethodIndex
  readonly #secure: boolean
  readonly #startedAt = performance.now()
  #ended = false

  constructor(
    options: RequestRecorderOptions,
    request: Request,
    describe: DescribeRequest | undefined,
  ) {
    const { ids, origin, metrics, sampler } = options
    this.#options = options
    this.#request = request
    this.#describe = describe
    this.#method = methodIndex(request.method)
    this.#secure = request.url.startsWith('https:')
    const parent = parseTraceparent(request.headers.get('traceparent'))
    const traceId = parent?.traceId ?? ids.generateTraceId()
    this.span = new RequestSpan(
      origin,
      { traceId, spanId: ids.generateSpanId() },
      parent,
      Date.now(),
      () => sampler(traceId, parent, () => describe?.()?.trusted === true),
    )
    metrics.began(this.#method, this.#secure)
  }

  /**
   * Records the end. Only the first call counts; it never throws, since a fault in here must not
   * cost a response.
   *
   * @param status undefined where no response came about
   * @param thrown what came instead
   */
  end(status: number | undefined, thrown?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    try {
      this.#record(status, thrown)
    } catch (error) {
      diag.error('A request could not be recorded', error)
    }
  }

  #record(status: number | undefined, thrown: unknown): void {
    const { metrics, onSpan } = this.#options
    const milliseconds = performance.now() - this.#startedAt
    metrics.left(this.#method, this.#secure)
    const known = this.#describe?.() ?? {}
    const route = this.#describe ? known.route : this.span.route
    const scheme = known.scheme ?? (this.#secure ? 'https' : 'http')
    const errorType = errorTypeOf(status, thrown ?? known.failure)
    const isRecording = this.span.isRecording()
    metrics.ended({
      method: this.#method,
      secure: scheme === 'https',
      route,
      status,
      errorType,
      seconds: milliseconds / 1000,
      span: isRecording ? this.span.spanContext() : undefined,
    })
    if (!isRecording) return
    const method = methodName(this.#method)
    const verb = method === otherName ? 'HTTP' : method
    this.span.finish(
      route === undefined ? verb : `${verb} ${route}`,
      {
        'http.request.method': method,
        ...(method === otherName && {
          'http.request.method_original': this.#request.method.slice(0, originalMethodLimit),
        }),
        // The template, never the path: a path can hold a secret, a query string a number.
        'url.path': route ?? unmatchedPath,
        'url.scheme': scheme,
        ...(route !== undefined && { 'http.route': route }),
        ...(status !== undefined && { 'http.response.status_code': status }),
        ...(errorType !== undefined && { 'error.type': errorType }),
        ...(known.clientAddress !== undefined && { 'client.address': known.clientAddress }),
        ...(known.requestId !== undefined && { 'caly.request.id': known.requestId }),
        ...(known.clientId !== undefined && { 'caly.client.id': known.clientId }),
      },
      errorType !== undefined,
      milliseconds,
    )
    onSpan(this.span)
  }
}

/** What stands for a path that no route matched: it is the client's text, secrets included. */
const unmatchedPath = '/REDACTED'

const originalMethodLimit = 32

/** Names of classes and codes; anything else could be a message. */
const errorName = /^[A-Za-z_$][A-Za-z0-9_$.-]{0,63}$/

/**
 * `error.type` by the conventions: only where the server failed (5xx, or no response), the class
 * of what was thrown, or else the status.
 */
function errorTypeOf(status: number | undefined, failure: unknown): string | undefined {
  if (status !== undefined && status < 500) return undefined
  if (failure instanceof Error) return errorName.test(failure.name) ? failure.name : otherName
  return status === undefined ? otherName : String(status)
}
