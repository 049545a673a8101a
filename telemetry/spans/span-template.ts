import type { Attributes, SpanKind } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

/** What many spans have in common: it is written once for all of them. */
export interface SpanTemplate {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
  /** The same as fields of a span's message, after the first that was written. */
  written: Uint8Array | undefined
}

/** A span that may follow a template. */
export interface TemplatedSpan extends ReadableSpan {
  readonly template?: SpanTemplate | undefined
  /** Attributes beside those of the template: no name stands in both. */
  readonly ownAttributes?: Attributes
}
