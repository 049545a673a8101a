/** Who calls the webhook, as the whole service sees it: limits, and where the secrets do not stand. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { adminOf, clientOf } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, freePort, startCaly } from '../support/process.ts'

const [newer, older] = ['the-newer-secret-of-a-pair', 'the-older-secret-of-a-pair']

let sink: OtlpSink
let caly: Caly
beforeAll(async () => {
  sink = await otlpSink()
  caly = await startCaly({
    env: {
      // Nobody is there: no call is placed here.
      EXOTEL_SUBDOMAIN: `http://127.0.0.1:${await freePort()}`,
      EXOTEL_SID: 'exampletenant1',
      EXOTEL_API_KEY: 'an-api-key-of-nobody',
      EXOTEL_API_TOKEN: 'an-api-token-of-nobody',
      EXOTEL_CALLER_ID: '09999900010',
      EXOTEL_WEBHOOK_SECRET: `${newer},${older}`,
      EXOTEL_ALLOWED_ADDRESSES: '192.0.2.0/24,2001:db8::/32',
      TRUSTED_PROXIES: '127.0.0.0/8,::1',
      RATE_LIMIT_GLOBAL: '4/1h',
      LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  })
}, 90_000)
afterAll(async () => {
  await caly.stop()
  await sink.close()
}, 60_000)

let told = 0

/** One more message, by whichever address. */
function tell(address: string, path: string, method = 'POST', body?: string) {
  told += 1
  const message = body ?? JSON.stringify({ CallSid: `sid${told}`, Status: 'busy' })
  const headers = { 'x-forwarded-for': address }
  return clientOf(caly)(method, path, method === 'GET' ? undefined : message, headers)
}

const webhook = (secret: string) => `/api/webhooks/exotel/${secret}`

test("only what comes with a right secret from one of the provider's addresses is not limited by address", async () => {
  for (const [address, secret] of [
    ['192.0.2.7', newer],
    ['2001:db8::7', older],
  ] as const)
    for (let times = 0; times < 8; times += 1)
      expect((await tell(address, webhook(secret))).status).toBe(200)
  const statuses = []
  for (const secret of [newer, older, newer, older, newer])
    statuses.push((await tell('198.51.100.7', webhook(secret))).status)
  expect(statuses).toEqual([404, 404, 404, 404, 429])
})

test('a foreign address is recorded once, with the count of what followed, and not by its secret', async () => {
  const admin = await adminOf(caly)
  const { body } = await admin('GET', '/api/audit?eventType=WEBHOOK_REJECTED', undefined, {
    'x-forwarded-for': '203.0.113.1',
  })
  expect(body.items).toMatchObject([
    { details: { reason: 'foreign_address', provider: 'exotel' }, ip: '198.51.100.7' },
  ])
})

test('the secrets stand in no log line, no span, no metric and no row of the trail, whatever the answer', async () => {
  const answers = []
  let from = 10
  for (const secret of [newer, older])
    for (const [method, path, body] of [
      ['POST', webhook(secret)],
      ['GET', `${webhook(secret)}?CallSid=1`],
      ['POST', webhook(secret), '{"broken'],
      ['POST', webhook(secret), 'x'.repeat(1_100_000)],
      ['PUT', webhook(secret)],
      ['POST', `${webhook(secret)}/more`],
      ['POST', `${webhook(secret)}x`],
      ['POST', `/api/webhooks/other/${secret}`],
      ['POST', `${webhook(secret)}%2Fmore`],
      ['GET', `/api?secret=${secret}`],
    ] as const) {
      from += 1
      answers.push((await tell(`192.0.2.${from}`, path, method, body)).status)
    }
  const distinct = new Set(answers)
  for (const status of [200, 400, 404, 405, 413]) expect(distinct).toContain(status)

  const marker = 'after-all-the-secrets'
  await clientOf(caly)('GET', '/api', undefined, {
    'x-forwarded-for': '203.0.113.2',
    'x-request-id': marker,
  })
  await eventually(
    async () => caly.output(),
    (output) => output.includes(marker),
  )
  const spans = await sink.waitFor((all) => JSON.stringify(all).includes(marker))
  const metrics = await clientOf(caly)('GET', '/metrics')
  expect(metrics.status).toBe(200)
  const database = await openDatabaseOf(caly)
  const trail = await database.query('select audit_logs::text as row from audit_logs')
  await database.close()
  expect(trail.length).toBeGreaterThan(20)
  const places = {
    log: caly.output(),
    spans: JSON.stringify(spans),
    metrics: String(metrics.body),
    trail: JSON.stringify(trail),
  }
  for (const [place, text] of Object.entries(places))
    for (const secret of [newer, older])
      expect([place, text.includes(secret)]).toEqual([place, false])
}, 60_000)
