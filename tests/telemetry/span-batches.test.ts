import { describe, expect, test } from 'bun:test'
import { type Attributes, createNoopMeter, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { ProtobufWriter } from '../../telemetry/spans/protobuf-writer.ts'
import { SpanBatches } from '../../telemetry/spans/span-batches.ts'
import { writeSpan, writeTraceRequest } from '../../telemetry/spans/span-message.ts'
import { decodeTraceMessage } from '../support/otlp-messages.ts'

const resource = resourceFromAttributes({ 'service.name': 'caly', 'service.version': 'ß' })
const scope = { name: 'caly', version: '1.2.3' }

const spanOf = (changes: Partial<ReadableSpan> = {}): ReadableSpan => ({
  name: 'GET /api/calls/:id',
  kind: SpanKind.SERVER,
  spanContext: () => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: '00f067aa0ba902b7',
    traceFlags: 1,
  }),
  startTime: [1_795_493_489, 32_000_001],
  endTime: [1_795_493_489, 999_999_999],
  duration: [0, 967_999_998],
  status: { code: SpanStatusCode.UNSET },
  attributes: {},
  links: [],
  events: [],
  ended: true,
  resource,
  instrumentationScope: scope,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
  ...changes,
})

const attributes: Attributes = {
  text: 'plain',
  empty: '',
  umlaut: 'Grüße, 世界 🌍',
  lone: 'half \ud83c of a pair',
  'as long as a length of two bytes': 'x'.repeat(127),
  longer: 'y'.repeat(128),
  'longer, with an umlaut': `${'z'.repeat(100)}ü${'z'.repeat(100)}`,
  longest: 'n'.repeat(20_000),
  nought: 0,
  whole: 200,
  big: Number.MAX_SAFE_INTEGER,
  bigger: 2 ** 62,
  'too big': 2 ** 63,
  lowest: -(2 ** 63),
  negative: -1,
  least: Number.MIN_SAFE_INTEGER,
  fraction: 0.1,
  huge: 1e300,
  infinite: Number.POSITIVE_INFINITY,
  yes: true,
  no: false,
  texts: ['one', 'zwö'],
  numbers: [1, -2, 3.5],
  nothing: [],
}

const context = {
  traceId: 'ffffffffffffffffffffffffffffffff',
  spanId: 'FEDCBA9876543210',
  traceFlags: 0,
}

const spans: Readonly<Record<string, ReadableSpan>> = {
  'with nothing but its name': spanOf(),
  'with attributes of every kind': spanOf({ attributes }),
  'of a remote parent, in error': spanOf({
    parentSpanContext: { ...context, isRemote: true },
    status: { code: SpanStatusCode.ERROR, message: 'said' },
  }),
  'of a parent in here, all right': spanOf({
    kind: SpanKind.INTERNAL,
    parentSpanContext: context,
    status: { code: SpanStatusCode.OK },
  }),
  'with events and links, and some dropped': spanOf({
    events: [
      { name: 'exception', time: [0, 1], attributes, droppedAttributesCount: 3 },
      { name: 'später', time: [4_294_967_295, 5] },
    ],
    links: [{ context: { ...context, isRemote: true }, attributes }, { context }],
    droppedAttributesCount: 300,
    droppedEventsCount: 1,
    droppedLinksCount: 70_000,
  }),
}

describe("a span that is written here reads as the SDK's own serializer writes it", () => {
  const read = (bytes: Uint8Array | undefined) => decodeTraceMessage(bytes ?? new Uint8Array())
  const written = (...list: readonly ReadableSpan[]) => {
    const writer = new ProtobufWriter(1)
    for (const span of list) writeSpan(writer, span)
    const request = new ProtobufWriter(1)
    writeTraceRequest(request, resource, [{ scope, spans: writer.written() }])
    return request.written()
  }
  for (const [what, span] of Object.entries(spans))
    test(`one ${what}`, () =>
      expect(read(written(span))).toEqual(read(ProtobufTraceSerializer.serializeRequest([span]))))

  test('all of them together', () => {
    const list = Object.values(spans)
    expect(read(written(...list))).toEqual(read(ProtobufTraceSerializer.serializeRequest(list)))
  })
})

/** A sender whose requests stay on their way until they are let go. */
function heldSender() {
  const held: (() => void)[] = []
  let most = 0
  return {
    sender: {
      async send() {
        const { promise, resolve } = Promise.withResolvers<void>()
        held.push(resolve)
        most = Math.max(most, held.length)
        await promise
      },
      async shutdown() {},
    },
    release() {
      for (const resolve of held.splice(0)) resolve()
    },
    onTheirWay: () => held.length,
    most: () => most,
  }
}

const batchesOf = (sender: ReturnType<typeof heldSender>['sender'], counted: unknown[] = []) =>
  new SpanBatches({
    sender,
    resource,
    meterProvider: {
      getMeter: () => ({
        ...createNoopMeter(),
        createCounter: () => ({
          add: (count: number, attributes: Attributes = {}) =>
            counted.push([count, attributes['error.type']]),
        }),
        createUpDownCounter: () => ({ add() {} }),
        createObservableUpDownCounter: () => ({ addCallback() {}, removeCallback() {} }),
      }),
    } as never,
    maxQueueSize: 6,
    maxBatchSize: 2,
    delay: 60_000,
    timeout: 60_000,
  })

test('Four batches go out at a time; what finds the queue full behind them is dropped and counted', async () => {
  const { sender, release, onTheirWay, most } = heldSender()
  const counted: unknown[] = []
  const batches = batchesOf(sender, counted)
  // Eight are on their way, six wait.
  for (let n = 0; n < 8 + 6 + 3; n++) batches.add(spanOf())
  expect(onTheirWay()).toBe(4)
  expect(counted).toEqual(Array.from({ length: 3 }, () => [1, 'queue_full']))
  const stopped = batches.shutdown()
  while (onTheirWay() > 0) {
    release()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await stopped
  expect(most()).toBe(4)
  expect(counted.slice(3)).toEqual(Array.from({ length: 7 }, () => [2, undefined]))
})

test('A batch that is not full goes out when it is asked for; after the stop nothing does', async () => {
  const { sender, release, onTheirWay } = heldSender()
  const batches = batchesOf(sender)
  batches.add(spanOf())
  expect(onTheirWay()).toBe(0)
  const stopped = batches.shutdown()
  expect(onTheirWay()).toBe(1)
  release()
  await stopped
  batches.add(spanOf())
  await batches.flush()
  expect(onTheirWay()).toBe(0)
})

test('Batches that the collector does not take are counted by what went wrong', async () => {
  const counted: unknown[] = []
  const batches = batchesOf(
    {
      send: () => Promise.reject(new RangeError('no')),
      async shutdown() {},
    },
    counted,
  )
  batches.add(spanOf())
  await batches.shutdown()
  expect(counted).toEqual([[1, 'RangeError']])
})
