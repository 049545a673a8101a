import { context, diag, type MeterProvider, ROOT_CONTEXT } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { ProtobufWriter } from './protobuf-writer.ts'
import { writeSpan, writeTraceRequest } from './span-message.ts'
import type { TraceSender } from './trace-sender.ts'

/** What {@linkcode SpanBatches} needs. */
export interface SpanBatchesOptions {
  readonly sender: TraceSender
  /** Of all spans: there is one in a process. */
  readonly resource: Resource
  /** Counts what becomes of spans. */
  readonly meterProvider: MeterProvider
  /** Spans that wait, at most: what comes beyond is dropped, and counted. */
  readonly maxQueueSize: number
  /** Spans that go out in one request. */
  readonly maxBatchSize: number
  /** Milliseconds that a span waits for others, at most. */
  readonly delay: number
  /** Milliseconds after which a request counts as lost. */
  readonly timeout: number
}

/** Requests on their way at a time: with one, a collector 50 ms away is a bottle's neck. */
const concurrency = 4

/**
 * Writers kept for later batches, up to some megabytes each: to make them anew is work for the
 * collector of garbage.
 */
const sparesLimit = 4

/** Spans that go out together. */
class Batch {
  readonly scopes = new Map<InstrumentationScope, ProtobufWriter>()
  count = 0
}

/**
 * The queue between finished spans and the collector. A span is written as protobuf right when it
 * ends, for a fifth of what the SDK's serializer takes, and no object of it is kept: thousands of
 * them waiting cost the garbage collector more than the writing does. And several batches go out at
 * a time, where the SDK's processor sends one.
 */
export class SpanBatches {
  readonly #options: SpanBatchesOptions
  readonly #metrics: ReturnType<typeof queueMetrics>
  readonly #full: Batch[] = []
  readonly #sending = new Set<Promise<void>>()
  readonly #spares: ProtobufWriter[] = []
  #batch = new Batch()
  #waiting = 0
  #dropping = false
  #timer: NodeJS.Timeout | undefined
  #stopped: Promise<void> | undefined

  constructor(options: SpanBatchesOptions) {
    this.#options = options
    this.#metrics = queueMetrics(options, () => this.#waiting)
  }

  /** Takes a finished span, which must not change any more. */
  add(span: ReadableSpan): void {
    if (this.#stopped) return
    const { maxQueueSize, maxBatchSize, delay } = this.#options
    if (this.#waiting >= maxQueueSize) {
      if (!this.#dropping) diag.warn('Spans are dropped: the queue is full')
      this.#dropping = true
      this.#metrics.dropped()
      return
    }
    this.#dropping = false
    const { scopes } = this.#batch
    let writer = scopes.get(span.instrumentationScope)
    if (writer === undefined) {
      writer = this.#writer()
      scopes.set(span.instrumentationScope, writer)
    }
    writeSpan(writer, span)
    this.#waiting++
    if (++this.#batch.count >= maxBatchSize) this.#flush()
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#flush(), delay)
      this.#timer.unref()
    }
  }

  /** Resolves when all that waits now has been sent, or is lost. */
  async flush(): Promise<void> {
    this.#flush()
    while (this.#sending.size > 0) await Promise.all(this.#sending)
  }

  /** Sends what waits; later spans go nowhere. */
  shutdown(): Promise<void> {
    this.#stopped ??= this.flush().then(() => {
      this.#metrics.close()
      return this.#options.sender.shutdown()
    })
    return this.#stopped
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#batch.count > 0) this.#full.push(this.#batch)
    this.#batch = new Batch()
    // Not in the context of whichever request was the last.
    context.with(ROOT_CONTEXT, () => this.#sendMore())
  }

  #sendMore(): void {
    while (this.#sending.size < concurrency) {
      const batch = this.#full.shift()
      if (batch === undefined) return
      this.#waiting -= batch.count
      const sent = this.#send(batch).finally(() => {
        this.#sending.delete(sent)
        this.#sendMore()
      })
      this.#sending.add(sent)
    }
  }

  /** Never rejects. */
  async #send({ scopes, count }: Batch): Promise<void> {
    const { sender, resource, timeout } = this.#options
    const request = this.#writer()
    const written = Array.from(scopes, ([scope, writer]) => ({ scope, spans: writer.written() }))
    writeTraceRequest(request, resource, written)
    this.#spare(...scopes.values())
    try {
      await within(sender.send(request.written()), timeout)
      // Only now: what failed may still be on its way.
      this.#spare(request)
      this.#metrics.sent(count)
    } catch (error) {
      this.#metrics.sent(count, error instanceof Error ? error.name : '_OTHER')
      diag.error('Spans could not be sent', error)
    }
  }

  #writer(): ProtobufWriter {
    return this.#spares.pop() ?? new ProtobufWriter()
  }

  #spare(...writers: readonly ProtobufWriter[]): void {
    for (const writer of writers) {
      if (this.#spares.length >= sparesLimit) return
      writer.clear()
      this.#spares.push(writer)
    }
  }
}

async function within(sent: Promise<void>, timeout: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('The collector takes too long')), timeout)
  timer.unref()
  try {
    await Promise.race([sent, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What the SDK's own processor tells of itself (the conventions' `otel.sdk.processor.span.*`). */
function queueMetrics({ meterProvider, maxQueueSize }: SpanBatchesOptions, size: () => number) {
  const meter = meterProvider.getMeter('@opentelemetry/sdk-trace')
  const unit = '{span}'
  const component = {
    'otel.component.type': 'batching_span_processor',
    'otel.component.name': 'batching_span_processor/0',
  }
  const processed = meter.createCounter('otel.sdk.processor.span.processed', {
    unit,
    description: 'Spans that were sent, or with an error.type that were not.',
  })
  meter
    .createUpDownCounter('otel.sdk.processor.span.queue.capacity', {
      unit,
      description: 'The most spans that may wait to be sent.',
    })
    .add(maxQueueSize, component)
  const queue = meter.createObservableUpDownCounter('otel.sdk.processor.span.queue.size', {
    unit,
    description: 'Spans that wait to be sent.',
  })
  const observe: Parameters<typeof queue.addCallback>[0] = (result) =>
    result.observe(size(), component)
  queue.addCallback(observe)
  return {
    dropped: () => processed.add(1, { ...component, 'error.type': 'queue_full' }),
    sent: (count: number, errorType?: string) =>
      processed.add(
        count,
        errorType === undefined ? component : { ...component, 'error.type': errorType },
      ),
    close: () => queue.removeCallback(observe),
  }
}
