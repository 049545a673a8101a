/** A collector for tests: takes OTLP over HTTP and decodes it by the official protobuf definitions. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import {
  type DecodedLog,
  type DecodedSpan,
  decodeLogs,
  decodeMetricNames,
  decodeSpans,
} from './otlp-messages.ts'

export type { DecodedLog, DecodedSpan, DecodedValue } from './otlp-messages.ts'

/** How the sink treats whoever sends. */
export interface SinkManners {
  /** Milliseconds before an answer; infinite for none at all. @default 0 */
  readonly delay?: number
  /** @default 200 */
  readonly status?: number
}

/** A running sink. */
export interface OtlpSink {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string
  /** Requests that came in, whatever was answered. */
  requests(): number
  /** Every span taken so far. */
  spans(): readonly DecodedSpan[]
  /** Every log record taken so far. */
  logs(): readonly DecodedLog[]
  /** Names of the metrics taken so far, as OTLP has them. */
  metricNames(): ReadonlySet<string>
  /** Whether a text stands anywhere in what came in, in whichever field. */
  mentions(text: string): boolean
  behave(manners: SinkManners): void
  /**
   * Waits until the spans taken satisfy the predicate.
   *
   * @throws {Error} naming the spans there are, if that takes longer than `ms`
   */
  waitFor(
    predicate: (spans: readonly DecodedSpan[]) => boolean,
    ms?: number,
  ): Promise<readonly DecodedSpan[]>
  close(): Promise<void>
}

/** Opens a sink on a free port of the loopback interface. */
export async function otlpSink(manners: SinkManners = {}): Promise<OtlpSink> {
  const spans: DecodedSpan[] = []
  const logs: DecodedLog[] = []
  const metrics = new Set<string>()
  const bodies: Buffer[] = []
  const arrived = new EventTarget()
  let current = manners
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const { delay = 0, status = 200 } = current
    if (delay === Number.POSITIVE_INFINITY) return
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
    if (status === 200) take(request.url ?? '', body)
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
  }

  function take(path: string, body: Buffer): void {
    bodies.push(body)
    if (path === '/v1/traces') spans.push(...decodeSpans(body))
    else if (path === '/v1/logs') logs.push(...decodeLogs(body))
    else if (path === '/v1/metrics') for (const name of decodeMetricNames(body)) metrics.add(name)
    arrived.dispatchEvent(new Event('arrived'))
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    spans: () => spans,
    logs: () => logs,
    metricNames: () => metrics,
    mentions: (text) => bodies.some((body) => body.includes(text)),
    behave(next) {
      current = next
    },
    async waitFor(predicate, ms = 5000) {
      const signal = AbortSignal.timeout(ms)
      while (!predicate(spans)) {
        if (signal.aborted)
          throw new Error(`Not within ${ms} ms; there are: ${spans.map(({ name }) => name)}`)
        await Promise.race([
          once(arrived, 'arrived', { signal }).catch(() => undefined),
          once(signal, 'abort'),
        ])
      }
      return spans
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}
