import {
  type Attributes,
  type Histogram,
  type Span,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api'
import { classOf } from './error-type.ts'
import { otherName } from './metrics/series.ts'
import { durationBoundaries } from './requests/request-metrics.ts'
import type { Telemetry } from './telemetry.ts'

/** An HTTP request to another service, as far as telemetry may know it. */
export interface OutgoingRequest {
  readonly method: string
  /** http or https. */
  readonly origin: URL
  /** The path with names in the place of values: `/v1/Accounts/{sid}/Calls/{callSid}.json`. */
  readonly template: string
  /** How many times it was sent before. @default 0 */
  readonly resends?: number
}

/** Traces and measures requests to other services. */
export interface HttpClientTelemetry {
  /**
   * Runs a request within its span.
   *
   * @param run gives the answer's status to `answered` as soon as it knows it; what it throws is the
   *   failure, whose class (or `kind`) is the span's `error.type`
   */
  measure<Result>(
    request: OutgoingRequest,
    run: (answered: (status: number) => void) => Promise<Result>,
  ): Promise<Result>
}

/**
 * Client spans and `http.client.request.duration` by OpenTelemetry's HTTP conventions. The full URL
 * is written from the template: paths and queries of a telephone provider hold accounts and numbers.
 * No trace context goes out: it would be of no use to another company, and tells it of our inside.
 */
export function httpClientTelemetry({
  meter,
  tracerProvider,
}: Pick<Telemetry, 'meter' | 'tracerProvider'>): HttpClientTelemetry {
  const tracer = tracerProvider.getTracer('caly/http-client')
  const durations: Histogram<Attributes> = meter.createHistogram('http.client.request.duration', {
    unit: 's',
    description: 'Duration of HTTP client requests.',
    advice: { explicitBucketBoundaries: [...durationBoundaries] },
  })
  return {
    measure({ method, origin, template, resends = 0 }, run) {
      const common: Attributes = {
        'http.request.method': method,
        'server.address': origin.hostname,
        'server.port': Number(origin.port) || (origin.protocol === 'https:' ? 443 : 80),
        'url.template': template,
      }
      const options = {
        kind: SpanKind.CLIENT,
        attributes: {
          ...common,
          'url.full': origin.origin + template,
          ...(resends > 0 && { 'http.request.resend_count': resends }),
        },
      }
      return tracer.startActiveSpan(`${method} ${template}`, options, async (span) => {
        const startedAt = performance.now()
        let outcome: Attributes = {}
        try {
          return await run((status) => {
            outcome = outcomeOf(status)
          })
        } catch (error) {
          outcome = { ...outcome, 'error.type': outcome['error.type'] ?? errorType(error) }
          throw error
        } finally {
          durations.record((performance.now() - startedAt) / 1000, { ...common, ...outcome })
          finish(span, outcome)
        }
      })
    },
  }
}

/** From 400 on an answer is an error to the one who asked. */
const outcomeOf = (status: number): Attributes => ({
  'http.response.status_code': status,
  ...(status >= 400 && { 'error.type': String(status) }),
})

function errorType(error: unknown): string {
  if (!(error instanceof Error)) return otherName
  return 'kind' in error && typeof error.kind === 'string' ? error.kind : classOf(error)
}

function finish(span: Span, outcome: Attributes): void {
  span.setAttributes(outcome)
  if (outcome['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
