import type { Fault } from './harness/fault.ts'

/** Nobody listens where spans are sent to. It is over when one arrives again. */
export const collectorGone: Fault = {
  name: 'collector gone',
  begin: ({ sinkProxy }) => sinkProxy.set('refuse'),
  async end({ sink, sinkProxy }) {
    const before = sink.spans().length
    await sinkProxy.set('pass')
    await sink.waitFor(({ length }) => length > before, 20_000)
  },
  serves: 'all',
  hurts: false,
  sign: { metric: 'otel_sdk_processor_span_processed_total', labelled: 'error_type', is: 'up' },
}
