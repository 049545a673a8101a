/** Ties traces together where work goes on that another trace has begun. */
import { context, trace } from '@opentelemetry/api'
import { formatTraceparent, isSampled, parseTraceparent } from './requests/trace-context.ts'

/**
 * The span at hand as text, to be kept with what it begins.
 *
 * @returns null where it is not sampled: there would be nothing at the other end of a link
 */
export function traceOrigin(): string | null {
  const active = context.active()
  const spanContext = trace.getSpanContext(active)
  return spanContext !== undefined && isSampled(active) ? formatTraceparent(spanContext) : null
}

/** Links the span at hand to what {@linkcode traceOrigin} has told, if that was another trace. */
export function linkToOrigin(origin: string | null): void {
  const spanContext = parseTraceparent(origin)
  const span = trace.getActiveSpan()
  if (spanContext !== undefined && span?.spanContext().traceId !== spanContext.traceId)
    span?.addLink({ context: spanContext })
}

/** Says which call the span at hand is about. Its id is ours, and tells nothing of anybody. */
export function noteCall(id: string): void {
  trace.getActiveSpan()?.setAttribute('caly.call.id', id)
}
