import { context, diag, trace } from '@opentelemetry/api'
import { linkedRoot } from '../linked-context.ts'
import { otherName } from '../metrics/series.ts'
import { type MethodIndex, methodIndex, methodName } from './http-method.ts'
import { type NamedServer, ownAttributes, shownServers } from './request-attributes.ts'
import type { DescribeRequest, RequestDescription } from './request-description.ts'
import { requestErrorType, rootErrorType } from './request-error.ts'
import { newRequestIdentity } from './request-identity.ts'
import type { RequestMetrics } from './request-metrics.ts'
import { RequestSpan, type RequestSpanOrigin, type SamplingDecider } from './request-span.ts'
import { RequestTemplates } from './request-templates.ts'
import { announcedLength, type BodyEnd, followed, isStreamed } from './response-body.ts'
import type { RequestSampler } from './sampling.ts'
import { parseTraceparent } from './trace-context.ts'

/** What a {@linkcode RequestRecorder} needs. */
export interface RequestRecorderOptions {
  readonly metrics: RequestMetrics
  readonly origin: RequestSpanOrigin
  readonly sampler: RequestSampler
  /** Takes finished spans that are sampled. */
  readonly onSpan: (span: RequestSpan) => void
}

interface RecordingOptions extends RequestRecorderOptions {
  /** The server that a URL names, where it may stand in a span. */
  readonly serverOf: (url: string) => NamedServer | undefined
  readonly templates: RequestTemplates
}

/** What is told of a request, and asked of the app. */
export interface RequestListeners {
  /** Asked when the sampling is decided, and at the end. */
  readonly describe?: DescribeRequest
  /** `performance.now()` at the arrival of the request at hand, where somebody knows. */
  readonly startedAt?: () => number | undefined
  /** The bytes of an answer in one piece, where somebody knows. */
  readonly sizeOf?: (answer: Response) => number | undefined
  /** Hears how a streamed answer ended, within the request's own context. */
  readonly onStreamEnd?: (end: BodyEnd) => void
}

/** Starts and ends the recording of requests: the one place that knows what is said of them. */
export class RequestRecorder {
  readonly metrics: RequestMetrics
  readonly #options: RecordingOptions

  constructor(options: RequestRecorderOptions) {
    this.metrics = options.metrics
    const { redact, valueLengthLimit } = options.origin
    const templates = new RequestTemplates(valueLengthLimit)
    this.#options = { ...options, serverOf: shownServers(redact), templates }
  }

  start(request: Request, listeners: RequestListeners): RequestRecording {
    return new RequestRecording(this.#options, request, listeners)
  }
}

/** What came of a request. */
interface RequestEnd {
  /** Undefined where no response came about. */
  readonly status?: number
  /** Bytes of the answer's body, where they are known. */
  readonly bytes?: number | undefined
  /** How a streamed body ended. */
  readonly outcome?: BodyEnd['outcome']
  /** What came instead of a response, or of its last byte. */
  readonly thrown?: unknown
}

/** One request on its way. */
export class RequestRecording implements SamplingDecider {
  readonly span: RequestSpan
  readonly #options: RecordingOptions
  readonly #request: Request
  readonly #listeners: RequestListeners
  readonly #method: MethodIndex
  readonly #secure: boolean
  readonly #startedAt: number
  #ended = false
  #waited = true

  constructor(options: RecordingOptions, request: Request, listeners: RequestListeners) {
    const { origin, metrics } = options
    this.#options = options
    this.#request = request
    this.#listeners = listeners
    this.#startedAt = listeners.startedAt?.() ?? performance.now()
    this.#method = methodIndex(request.method)
    this.#secure = request.url.startsWith('https:')
    const parent = parseTraceparent(request.headers.get('traceparent'))
    this.span = new RequestSpan(origin, newRequestIdentity(), parent, this)
    metrics.began(this.#method, this.#secure)
  }

  /** Decides, when the request's hooks may know its caller. */
  isSampled(): boolean {
    const { traceId } = this.span.spanContext()
    const isTrusted = () => this.#listeners.describe?.()?.trusted === true
    return this.#options.sampler(traceId, this.span.parentSpanContext, isTrusted)
  }

  /**
   * Takes the answer, and records the end: at once, or when the last byte of a stream has gone, or
   * its client. Like {@linkcode failed} it never throws: a fault in here must not cost a response.
   *
   * @param waited whether there was a time in which its client could leave
   * @returns what is to be sent
   */
  answered(answer: unknown, waited: boolean): unknown {
    this.#waited = waited
    if (!(answer instanceof Response)) {
      this.#end({})
      return answer
    }
    const { status } = answer
    try {
      // Nobody reads the body of an answer to HEAD.
      if (this.#request.method === 'HEAD') this.#end({ status })
      else {
        const size = this.#listeners.sizeOf?.(answer)
        if (size === undefined && isStreamed(answer)) return this.#streaming(answer)
        this.#end({ status, bytes: size ?? announcedLength(answer.headers) })
      }
    } catch (error) {
      diag.error('An answer could not be followed', error)
      this.#end({ status })
    }
    return answer
  }

  /** Records that no response came about. */
  failed(thrown: unknown): void {
    this.#end({ thrown })
  }

  #streaming(answer: Response): Response {
    const { status } = answer
    return context.with(trace.setSpan(linkedRoot, this.span), () =>
      followed(answer, this.#request.signal, (end) => {
        this.#end({ status, bytes: end.bytes, outcome: end.outcome, thrown: end.failure })
        this.#listeners.onStreamEnd?.(end)
      }),
    )
  }

  #end(end: RequestEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.metrics.left(this.#method, this.#secure)
    try {
      this.#record(end, this.#listeners.describe?.() ?? {})
    } catch (error) {
      diag.error('A request could not be recorded', error)
    }
  }

  #record({ status: answered, bytes, outcome, thrown }: RequestEnd, known: RequestDescription) {
    const { metrics, onSpan, serverOf, templates } = this.#options
    const { span } = this
    const at = performance.now()
    const milliseconds = at - this.#startedAt
    const aborted =
      outcome === 'left' ||
      // To ask for the signal costs as much as the span.
      (this.#waited && outcome === undefined && this.#request.signal.aborted)
    // Of an answer that nobody was left to get, nothing came about, and nobody failed.
    const status = aborted && outcome === undefined ? undefined : answered
    const failure = thrown ?? known.failure
    // An answer that broke off half-way is our failure, whatever its status has said.
    const said = outcome === 'failed' ? undefined : status
    const errorType = aborted ? undefined : requestErrorType(said, failure)
    const route = this.#listeners.describe ? known.route : span.route
    const scheme = known.scheme ?? (this.#secure ? 'https' : 'http')
    const isRecording = span.isRecording()
    const series = metrics.ended({
      method: this.#method,
      secure: scheme === 'https',
      route,
      status,
      errorType,
      at,
      seconds: milliseconds / 1000,
      // What is only announced, and no route took, can be any number.
      bytesIn: route === undefined ? undefined : announcedLength(this.#request.headers),
      bytesOut: status === undefined ? undefined : bytes,
      span: isRecording ? span.spanContext() : undefined,
    })
    if (!isRecording) return
    if (errorType !== undefined && failure instanceof Error)
      span.noteException(rootErrorType(failure))
    const { url, method } = this.#request
    span.finish(
      // Of a request that was refused before any route was looked for, the host may be anybody's text.
      templates.of(series, route === undefined ? undefined : serverOf(url)),
      ownAttributes(methodName(this.#method) === otherName ? method : undefined, {
        errorType,
        aborted,
        known,
      }),
      errorType !== undefined,
      milliseconds,
    )
    onSpan(span)
  }
}
