/** What is left of requests whose clients went away: nothing, once the garbage is collected. */
import { expect, test } from 'bun:test'
import { trace } from '@opentelemetry/api'
import { Elysia } from 'elysia'
import { requestTelemetry } from '../../telemetry/index.ts'
import { otlpSink } from '../support/otlp-sink.ts'
import { eventually } from '../support/process.ts'
import { sample, telemetryWith } from './support.ts'

const count = 1000

/** Conservative collectors keep a few, whose addresses happen to lie around. */
const strays = 20

for (const [what, path] of [
  ['that were waiting for their handlers', '/waits'],
  ['whose answers were streaming', '/streams'],
] as const)
  test(`1,000 requests ${what} when their clients left are closed, sent and forgotten`, async () => {
    const sink = await otlpSink()
    const telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url })
    let forgotten = 0
    const spans = new FinalizationRegistry(() => forgotten++)
    const remember = () => spans.register(trace.getActiveSpan() as object, undefined)
    const app = new Elysia()
      .use(requestTelemetry(telemetry))
      .get('/waits', ({ request: { signal } }) => {
        remember()
        return new Promise<string>((resolve) =>
          signal.addEventListener('abort', () => resolve('too late'), { once: true }),
        )
      })
      .get('/streams', () => {
        remember()
        const pull = () => new Promise<void>(() => undefined)
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), {
          headers: { 'content-type': 'audio/mpeg' },
        })
      })
    const active = async () =>
      sample((await telemetry.exposition()).body, 'http_server_active_requests')

    async function leaveAll(): Promise<void> {
      const clients = Array.from({ length: count }, () => new AbortController())
      const answers = clients.map(({ signal }) =>
        app.handle(new Request(`http://localhost${path}`, { signal })),
      )
      expect(await active()).toBe(count)
      if (path === '/streams')
        for (const answer of answers) void (await answer).body?.getReader().read()
      for (const client of clients) client.abort()
      await Promise.all(answers)
    }

    await leaveAll()
    expect(await active()).toBe(0)
    const sent = await sink.waitFor((all) => all.length >= count)
    expect(new Set(sent.map(({ spanId }) => spanId)).size).toBe(count)
    expect(sent).toHaveLength(count)
    await eventually(
      async () => {
        Bun.gc(true)
        return forgotten
      },
      (number) => number >= count - strays,
    )
    await telemetry.shutdown(1000)
    await sink.close()
  }, 30_000)
