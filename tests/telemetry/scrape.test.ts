/** What `GET /metrics` answers with, beside who may ask. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { gunzipSync } from 'node:zlib'
import { expositionResponses } from '../../src/health/exposition.ts'
import type { Telemetry } from '../../telemetry/index.ts'
import { telemetryWith } from './support.ts'

let telemetry: Telemetry
let collections = 0
beforeAll(async () => {
  telemetry = await telemetryWith()
  telemetry.meter.createObservableGauge('test.collections').addCallback((result) => {
    collections++
    result.observe(1)
  })
})
afterAll(() => telemetry.shutdown(100))

const scrape = (headers: Readonly<Record<string, string>> = {}) =>
  respond(new Request('http://localhost/metrics', { headers }))
const respond = expositionResponses((accept) => telemetry.exposition(accept))

test('The answer depends on what the scraper takes, and says so to caches', async () => {
  const text = await scrape()
  expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(text.headers.get('vary')).toBe('Accept, Accept-Encoding')
  const openMetrics = await scrape({ accept: 'application/openmetrics-text;version=1.0.0' })
  expect(openMetrics.headers.get('content-type')).toBe(
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  )
  expect(await openMetrics.text()).toEndWith('# EOF\n')
})

for (const coding of ['gzip', 'deflate, gzip;q=0.5', 'br;q=1.0, GZIP ; q=1.0', 'gzip;q=0.001'])
  test(`The answer is compressed for one who takes ${coding}`, async () => {
    const answer = await scrape({ 'accept-encoding': coding })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    const body = gunzipSync(await answer.arrayBuffer()).toString()
    expect(body).toContain('\ntest_collections 1\n')
  })

for (const coding of ['', 'identity', '*', 'gzip;q=0', 'gzip;q=0.000', 'deflate, br'])
  test(`The answer is as it is for one who takes ${coding || 'nothing'}`, async () => {
    const answer = await scrape({ 'accept-encoding': coding })
    expect(answer.headers.get('content-encoding')).toBeNull()
    expect(await answer.text()).toContain('\ntest_collections 1\n')
  })

test('A hundred scrapers at a time cost two collections', async () => {
  const before = collections
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => scrape({ 'accept-encoding': 'gzip' })),
  )
  const bodies = await Promise.all(answers.map((answer) => answer.arrayBuffer()))
  expect(new Set(bodies.map((body) => gunzipSync(body).toString())).size).toBeLessThanOrEqual(2)
  expect(collections - before).toBeLessThanOrEqual(2)
})
