/** Sizes of bodies: which are counted, and which are only claimed. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { requestTelemetry, type Telemetry } from '../../telemetry/index.ts'
import { sample, telemetryWith } from './support.ts'

let telemetry: Telemetry

beforeAll(async () => {
  telemetry = await telemetryWith()
})
afterAll(() => telemetry.shutdown(1000))

const appWith = () =>
  new Elysia()
    .use(requestTelemetry(telemetry))
    .post('/notes/:id', () => new Response('12345', { headers: { 'content-length': '5' } }))
    .get('/notes/:id', () => new Response('12345', { headers: { 'content-length': '5' } }))
    .get('/unknown', () => new Response('12345'))

const size = async (of: 'request' | 'response', figure: string, labels = {}) =>
  sample((await telemetry.exposition()).body, `http_server_${of}_body_size_bytes_${figure}`, labels)

const send = (path: string, headers = {}, method = 'POST') =>
  appWith().handle(new Request(`http://localhost${path}`, { method, headers }))

test('The sizes of bodies are counted by method, scheme, route and status', async () => {
  await send('/notes/1', { 'content-length': '300' })
  await send('/notes/2', { 'content-length': '2000' })
  const series = {
    http_request_method: 'POST',
    url_scheme: 'http',
    http_route: '/notes/:id',
    http_response_status_code: '200',
  }
  expect(await size('request', 'sum', series)).toBe(2300)
  expect(await size('request', 'bucket', { ...series, le: '1024.0' })).toBe(1)
  expect(await size('request', 'bucket', { ...series, le: '4096.0' })).toBe(2)
  expect(await size('response', 'sum', series)).toBe(10)
  expect(await size('response', 'count', series)).toBe(2)
})

test('What is only claimed or not known is not counted', async () => {
  const noRoute = { http_response_status_code: '404' }
  const before = await size('request', 'count')
  await send('/nothing', { 'content-length': '999999999' })
  for (const length of ['-1', '1e3', '2, 2', '0x10', ''])
    await send('/notes/1', { 'content-length': length })
  await send('/unknown', {}, 'GET')
  expect(await size('request', 'count', noRoute)).toBeUndefined()
  expect(await size('request', 'count')).toBe(before)
  expect(await size('response', 'count', { http_route: '/unknown' })).toBeUndefined()
})

test('An answer to HEAD has a length, but no body', async () => {
  const response = await send('/notes/1', {}, 'HEAD')
  expect(response.headers.get('content-length')).toBe('5')
  expect(await size('response', 'count', { http_request_method: 'HEAD' })).toBeUndefined()
})
