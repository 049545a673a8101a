/** What stands in a line of the log, and what never does. */
import { describe, expect, test } from 'bun:test'
import { context, INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { requestOrigin } from '../../src/audit/origin.ts'
import { createLog, KnownFields, type LogOptions, withLogContext } from '../../src/log/index.ts'

function open(options: Partial<LogOptions> = {}) {
  let text = ''
  const log = createLog({
    level: 'debug',
    format: 'json',
    async write(bytes) {
      text += new TextDecoder().decode(bytes)
      return bytes.length
    },
    ...options,
  })
  return {
    ...log,
    async output() {
      await log.flush(1000)
      return text
    },
    async line() {
      await log.flush(1000)
      return JSON.parse(text)
    },
  }
}

/** Line ends, ANSI and OSC sequences, C1, separators, bidirectional and invisible characters. */
const forgery =
  'a\r\n{"level":"error"}\u001b[31mred\u001b]0;title\u0007\u009b2J\u0085b\u2028c\u2029d\u202ee\u2066f\u200bg\ufeffh\u007f\u0000'
const forging =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

for (const format of ['json', 'pretty'] as const)
  test(`No text forges a line (${format})`, async () => {
    const { logger, output } = open({ format })
    logger.info({ [forgery]: forgery, list: [forgery] }, forgery)
    logger.info(new KnownFields({ userAgent: forgery }), 'known')
    logger.error(Object.assign(new Error(forgery), { stack: undefined }))
    const text = await output()
    expect(text).not.toMatch(forging)
    expect(text.trimEnd().split('\n')).toHaveLength(3)
  })

test('An error with a forged stack adds no line that could be a record', async () => {
  const { logger, output } = open({ format: 'pretty' })
  logger.error(new Error('x\n12:00:00.000 ERROR forged\n    at forged (x:1)\u001b[2J'))
  const [, ...others] = (await output()).trimEnd().split('\n')
  expect(others.length).toBeGreaterThan(0)
  for (const line of others) expect(line).toMatch(/^ {4}at /)
})

test('A line of JSON reads as what was logged', async () => {
  const { logger, line } = open()
  logger.info({ name: 'Zoë 😀 \u2028', n: 1 }, 'hello')
  expect(await line()).toMatchObject({ level: 'info', name: 'Zoë 😀 \u2028', n: 1, msg: 'hello' })
})

describe('No secret stands in a line:', () => {
  const cases: Record<string, (logger: ReturnType<typeof open>['logger']) => void> = {
    'a field': (logger) => logger.info({ deep: { apiKey: 'hunter2' } }, 'x'),
    'the message': (logger) => logger.info('password=hunter2'),
    'a value that is formatted into it': (logger) =>
      logger.info('it was %o and %s', { password: 'hunter2' }, 'token=hunter2'),
    'an error alone': (logger) => logger.error(new Error('secret: hunter2')),
    'an error as a field': (logger) =>
      logger.error({ error: new Error('x', { cause: new Error('token=hunter2') }) }, 'x'),
    'a configured value': (logger) => logger.info({ note: 'the hunter2-configured one' }, 'x'),
  }
  for (const [where, write] of Object.entries(cases))
    test(where, async () => {
      const { logger, output } = open({ secrets: ['hunter2-configured'] })
      write(logger)
      const text = await output()
      expect(text).toContain('"level"')
      expect(text).not.toContain('hunter2')
    })
})

test('What runs within a context says so in each line, across awaits, and nobody else does', async () => {
  const { logger, output } = open()
  await withLogContext({ queue: 'place', jobId: '1' }, async () => {
    await new Promise((resolve) => setImmediate(resolve))
    withLogContext({ callId: '2' }, () => logger.info('inner'))
  })
  logger.info('outside')
  const [inner, outside] = (await output())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(inner).toMatchObject({ queue: 'place', jobId: '1', callId: '2', msg: 'inner' })
  expect(outside).not.toHaveProperty('queue')
})

test('Within a span a line names its trace, and the audit trail too; within one that has no identity, neither does', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const { logger, output } = open()
  const ids = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
  const forged = { traceId: 'x","evil":"1', spanId: 'q', traceFlags: 1 }
  const contexts = [{ ...ids, traceFlags: 1 }, INVALID_SPAN_CONTEXT, forged]
  const origins = contexts.map((spanContext) =>
    context.with(trace.setSpanContext(context.active(), spanContext), () => {
      logger.info('here')
      logger.known('info', new KnownFields({}), 'there')
      return requestOrigin().traceId
    }),
  )
  expect(origins).toEqual([ids.traceId, undefined, undefined])
  const lines = (await output()).trimEnd().split('\n')
  for (const inside of lines.slice(0, 2))
    expect(JSON.parse(inside)).toMatchObject({
      trace_id: ids.traceId,
      span_id: ids.spanId,
      trace_flags: '01',
    })
  for (const outside of lines.slice(2)) {
    expect(outside).not.toContain('trace')
    expect(outside).not.toContain('span')
  }
})
