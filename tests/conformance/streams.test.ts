/** When a streamed answer's request ends, over a real socket, on either runtime. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { sample } from '../telemetry/support.ts'

let sink: OtlpSink
let service: Caly

beforeAll(async () => {
  sink = await otlpSink()
  service = await startCaly({
    script: 'tests/telemetry/streaming-service.ts',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      // It asks no database.
      DATABASE_URL: '',
      CALY_DATA_DIR: tmpdir(),
    },
  })
}, 60_000)
afterAll(async () => {
  await service.stop()
  await sink.close()
}, 30_000)

async function spanOf(route: string, count = 1): Promise<DecodedSpan> {
  const found = (all: readonly DecodedSpan[]) => all.filter(({ name }) => name === `GET ${route}`)
  const spans = found(await sink.waitFor((all) => found(all).length >= count))
  expect(spans).toHaveLength(count)
  return spans.at(-1) as DecodedSpan
}

async function figure(name: string, labels: Readonly<Record<string, string>>) {
  const response = await fetch(new URL('/metrics', service.baseUrl))
  return sample(await response.text(), name, labels)
}

/** Streams that are being sent: the scrape is a request, too. */
const streaming = async () =>
  ((await figure('http_server_active_requests', { http_request_method: 'GET' })) ?? 0) - 1

/** Asks, and reads no more than comes by itself. */
async function ask(path: string): Promise<Socket> {
  const socket = connect(service.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  return socket
}

test('A stream that is read ends with its last byte', async () => {
  const response = await fetch(new URL('/ends', service.baseUrl))
  expect((await response.bytes()).byteLength).toBe(655_360)
  const { attributes, status } = await spanOf('/ends')
  expect(attributes).not.toHaveProperty('caly.request.aborted')
  expect(status.code).toBe('STATUS_CODE_UNSET')
  const size = 'http_server_response_body_size_bytes_sum'
  expect(await figure(size, { http_route: '/ends' })).toBe(655_360)
})

for (const [path, what] of [
  ['/waits', 'while its body waits for more'],
  ['/goes-on', 'without having read what came'],
] as const)
  for (const [index, way] of (['closes', 'resets'] as const).entries())
    test(`A stream whose client ${way} the connection ${what} ends there, and is no error`, async () => {
      const socket = await ask(path)
      await once(socket, 'readable')
      await eventually(streaming, (count) => count === 1)
      if (way === 'closes') socket.destroy()
      else socket.resetAndDestroy()
      const { attributes, status } = await spanOf(path, index + 1)
      expect(attributes).toMatchObject({
        'caly.request.aborted': true,
        'http.response.status_code': 200,
      })
      expect(attributes).not.toHaveProperty('error.type')
      expect(status.code).toBe('STATUS_CODE_UNSET')
      expect(await eventually(streaming, (count) => count === 0)).toBe(0)
    })

test('A stream that breaks off is an error', async () => {
  const socket = await ask('/breaks')
  // It may be reset: `once` would take that for a failure of the test.
  await new Promise((resolve) => socket.resume().once('close', resolve))
  const { attributes, status, exceptions } = await spanOf('/breaks')
  expect(attributes['error.type']).toBe('RangeError')
  expect(exceptions).toEqual(['RangeError'])
  expect(status.code).toBe('STATUS_CODE_ERROR')
})
