/** Needs promtool (Debian: `prometheus`), which `.ci/run` installs. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { Elysia } from 'elysia'
import { observePool, requestTelemetry, type Telemetry } from '../../telemetry/index.ts'
import { telemetryWith } from '../telemetry/support.ts'

let telemetry: Telemetry

beforeAll(async () => {
  telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .get('/users/:id', ({ params }) => params.id)
    .get('/fails', () => {
      throw new Error('no')
    })
  for (const path of ['/users/1', '/nothing', '/fails'])
    await app.handle(new Request(`http://localhost${path}`))
  const stats = { limit: 20, min: 5, used: 3, idle: 4, pending: 2, timeouts: 1 }
  const pool = observePool(telemetry, 'main', () => stats)
  pool.onWait(1)
  pool.onUse(1)
  pool.onCreate(1)
  const { instruments } = telemetry
  instruments.slowRequests.add(1)
  instruments.rateLimitVerdicts.add(1, {
    'caly.rate_limit.policy': 'global',
    'caly.rate_limit.allowed': false,
  })
  instruments.callStatusChanges.add(1, { 'caly.call.status': 'in-progress' })
  instruments.webhookEvents.add(1, { 'caly.webhook.outcome': 'received' })
  // The event loop's delay has no value before its timer came once.
  await new Promise((resolve) => setTimeout(resolve, 50))
})
afterAll(() => telemetry.shutdown(100))

test('promtool finds nothing wrong but the one name that the conventions end in _count', async () => {
  const { body } = await telemetry.exposition()
  const { error, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: body,
    encoding: 'utf8',
  })
  expect(error).toBeUndefined()
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  expect(complaints.sort()).toEqual([
    'db_client_connection_count non-histogram and non-summary metrics should not have "_count" suffix',
  ])
})
