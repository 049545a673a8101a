/**
 * A process of the bench: as many requests a second as `RATE` says, for `SECONDS`, every one of them
 * a span, to the collector of `OTEL_EXPORTER_OTLP_ENDPOINT`. Tells what became of them.
 */
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { Elysia } from 'elysia'
import { readConfig } from '../../../src/config.ts'
import { requestTelemetry, startTelemetry } from '../../../telemetry/index.ts'

/** What became of the spans. */
export interface SpanFlow {
  readonly made: number
  readonly seconds: number
  /** By `otel.sdk.processor.span.processed`: without an error, and with one, by its name. */
  readonly processed: Readonly<Record<string, number>>
}

const spansOfTurn = 500

const rate = Number(process.env['RATE'])
const wanted = rate * Number(process.env['SECONDS'])

const settings = readConfig(process.env).telemetry
const telemetry = await startTelemetry({ settings, version: '0.0.0', instanceId: 'bench' })
const app = new Elysia().use(requestTelemetry(telemetry)).get('/', () => 'ok')

const startedAt = performance.now()
const elapsed = () => (performance.now() - startedAt) / 1000
let made = 0
while (made < wanted) {
  // A server that lags behind still turns to its sockets now and then.
  const due = Math.min(wanted, elapsed() * rate, made + spansOfTurn)
  for (; made < due; made++) await app.handle(new Request('http://localhost/'))
  await pause(2)
}
const seconds = elapsed()

/** Waits until every span is spoken of: what is queued goes out with the next batch. */
async function processed(): Promise<Readonly<Record<string, number>>> {
  for (;;) {
    const { body } = await telemetry.exposition()
    const lines = body.matchAll(/^otel_sdk_processor_span_processed_total\{(.*)\} (\d+)/gm)
    const outcomes = Object.fromEntries(
      Array.from(lines, ([, labels = '', count]) => [
        /error_type="([^"]*)"/.exec(labels)?.[1] ?? 'sent',
        Number(count),
      ]),
    )
    const known = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
    if (known >= made || elapsed() > seconds + 30) return outcomes
    await pause(100)
  }
}

const flow: SpanFlow = { made, seconds, processed: await processed() }
await telemetry.shutdown(5000)
process.stdout.write(JSON.stringify(flow))
