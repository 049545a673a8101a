/** What the shipped prometheus.yml, alarms and dashboards make of a service at which everything happens. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readGrafana } from '../grafana/files.ts'
import { openDatabaseOf } from '../support/database.ts'
import { eventually } from '../support/process.ts'
import { type Prometheus, startPrometheusOn } from '../support/prometheus.ts'
import { drive } from './drive.ts'
import {
  alarmExpressions,
  alarmSelectors,
  type Expression,
  panelExpressions,
  panelLinks,
  panelStatements,
  withoutDefaults,
} from './expressions.ts'
import { metricsToken, openStage, type Stage, scrapeInterval } from './stage.ts'

setDefaultTimeout(180_000)

let stage: Stage
let prometheus: Prometheus
beforeAll(async () => {
  stage = await openStage()
  prometheus = await startPrometheusOn({
    'prometheus.yml': shipped(stage),
    'alerts.yml': withoutDefaults(readGrafana('alerts.yml')).replace(
      'interval: 5m',
      'interval: 1s',
    ),
    'metrics-token': metricsToken,
  })
  // What counts from nothing must have been seen at nothing.
  await scraped()
  await drive(stage)
  await scraped()
  await scraped()
})
afterAll(async () => {
  await prometheus?.stop()
  await stage?.close()
})

/** As it is, but for who is scraped, how often, and where the token lies. */
function shipped({ caly, secure }: Stage): string {
  const replaced = [
    [/15s/g, `${scrapeInterval}s`],
    ['/run/caly/metrics-token', 'metrics-token'],
    [
      '      - targets: [caly:3000]',
      `      - targets: [localhost:${caly.port}]
      - targets: [localhost:${secure.port}]
        labels: { __scheme__: https }
    tls_config: { insecure_skip_verify: true }`,
    ],
  ] as const
  return replaced.reduce((text, [from, to]) => {
    expect(text).toMatch(from)
    return text.replace(from, to)
  }, readGrafana('prometheus.yml'))
}

/** Waits until both replicas have been scraped anew. */
const scraped = async () => {
  const since = Date.now()
  await eventually(
    async () =>
      (await prometheus.targets()).filter(({ scrapeUrl }) => /:\d+\/metrics/.test(scrapeUrl)),
    (targets) =>
      targets.filter(({ health, lastScrape }) => health === 'up' && Date.parse(lastScrape) > since)
        .length >= 2,
    60_000,
  )
}

/** Which of them have no number to show, or are refused. */
async function withoutData(expressions: readonly Expression[]): Promise<readonly string[]> {
  const missing: string[] = []
  for (const { where, text } of expressions) {
    const answer = await prometheus.query(text).catch((error: unknown) => String(error))
    if (typeof answer === 'string') missing.push(`${where}: ${answer}`)
    else if (!answer.some(({ value }) => Number.isFinite(Number(value[1]))))
      missing.push(`${where}: ${text}`)
  }
  return missing
}

test('what was driven was seen', async () => {
  const happened = [
    'increase(db_client_connection_timeouts_total[5m]) > 5',
    'increase(caly_db_slow_queries_total[5m]) > 1',
    'increase(caly_overload_refusals_total{caly_overload_reason="in_flight_of_client"}[5m]) > 0',
    'max_over_time(caly_audit_spool_size_bytes[5m]) > 0',
    'max_over_time(caly_audit_queue_age_seconds[5m]) > 0',
    'min_over_time(caly_rate_limit_shared[5m]) == 0',
    'max_over_time(caly_provider_circuit{caly_circuit_state="open"}[5m]) == 1',
    'increase(caly_provider_placements_total{caly_placement_outcome="retry"}[5m]) > 0',
    'increase(caly_rate_limit_verdicts_total{caly_rate_limit_allowed="false"}[5m]) > 0',
    'increase(caly_lockouts_total[5m]) > 0',
    'increase(otel_sdk_processor_span_processed_total{error_type="queue_full"}[5m]) > 0',
    'caly_vulnerabilities_open{caly_vulnerability_severity="critical"} > 0',
  ]
  const unseen: string[] = []
  for (const text of happened) if ((await prometheus.query(text)).length === 0) unseen.push(text)
  expect(unseen).toEqual([])
})

test("every panel's expression returns data", async () => {
  const expressions = panelExpressions()
  expect(expressions.length).toBeGreaterThan(100)
  expect(await withoutData(expressions)).toEqual([])
})

test("every alarm's left-hand side returns data", async () => {
  const expressions = alarmExpressions()
  expect(expressions.filter(({ text }) => /[<>]|==/.test(text))).toEqual([])
  expect(await withoutData(expressions)).toEqual([])
})

test('every series that an alarm looks at is there', async () => {
  const selectors = alarmSelectors()
  expect(new Set(selectors.map(({ where }) => where)).size).toBe(alarmExpressions().length)
  expect(await withoutData(selectors)).toEqual([])
})

test('every link looks for spans that there are', async () => {
  const spans = stage.sink.spans()
  const names = new Set(spans.map(({ name }) => name))
  const attributes = new Set(['error', ...spans.flatMap((span) => Object.keys(span.attributes))])
  if (spans.some(({ events }) => events.includes('caly.anomaly')))
    attributes.add('caly.anomaly.kind')
  const lost: string[] = []
  for (const { where, text, operation, tags } of panelLinks()) {
    const series = text === undefined ? [{}] : await prometheus.query(text)
    const operations = series.map((found) =>
      named(operation, 'metric' in found ? found.metric : {}),
    )
    if (operation !== undefined && !operations.some((name) => names.has(name)))
      lost.push(`${where}: ${operations.slice(0, 3)}`)
    for (const key of tags) if (!attributes.has(key)) lost.push(`${where}: ${key}`)
  }
  expect(lost).toEqual([])
})

/** What Grafana makes of an operation at a series with these labels. */
const named = (operation = '', labels: Readonly<Record<string, string>>): string =>
  operation.replaceAll(/\$\{__field\.labels\.(\w+)\}/g, (_, label: string) => labels[label] ?? '')

test('a slow query is found by its panel, and its trace has the text of the statement', async () => {
  const [slowest] = panelExpressions().filter(
    ({ where }) => where === 'database: Slowest queries A',
  )
  // Whenever it was; over the whole time, what was quick before and after hides it.
  const then = slowest?.text.replaceAll('[5m]', '[20s]')
  const found = await prometheus.query(`max_over_time((${then})[5m:${scrapeInterval}s])`)
  const names = found.map(({ metric }) => metric['db_query_summary'])
  expect(names).toContain('SELECT calls')
  const spans = stage.sink.spans().filter(({ name }) => name === 'SELECT calls')
  const slow = spans.find(({ startTime, endTime }) => endTime - startTime > 1000)
  expect(slow?.attributes['db.query.text']).toMatch(/^select .+ from "calls" .*\$1/)
})

test('an exemplar of a slow request leads to a trace that was sent', async () => {
  const series = await prometheus.exemplars('http_server_request_duration_seconds_bucket')
  const ids = series.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels['trace_id']))
  const sent = new Set(stage.sink.spans().map(({ traceId }) => traceId))
  expect(ids.some((id) => id !== undefined && sent.has(id))).toBe(true)
})

test("every panel's statement returns rows to the role that Grafana reads with", async () => {
  const role = `reader_${crypto.randomUUID().slice(0, 8)}`
  const file = fileURLToPath(new URL('../../deploy/compose/reader.sql', import.meta.url))
  const set = ['-v', `role=${role}`, '-v', 'password=a-password']
  const made = spawnSync('psql', ['-X', '-q', stage.databaseUrl, ...set, '-f', file], {
    encoding: 'utf8',
  })
  expect([made.status, made.stderr]).toEqual([0, ''])
  const url = new URL(stage.databaseUrl)
  url.username = role
  url.password = 'a-password'
  const owner = await openDatabaseOf({ ...stage.caly, env: { DATABASE_URL: stage.databaseUrl } })
  const reader = await openDatabaseOf({ ...stage.caly, env: { DATABASE_URL: url.href } })
  try {
    const statements = panelStatements()
    expect(statements.length).toBeGreaterThan(10)
    const empty: string[] = []
    for (const { where, text } of statements) {
      const rows = await reader.query(text)
      if (rows.length === 0) empty.push(where)
      // An attack leads on to what it did.
      if (where === 'security: Attacks by address A')
        expect(
          stage.sink
            .spans()
            .some(
              ({ traceId, events }) =>
                traceId === rows[0]?.['trace_id'] && events.includes('caly.anomaly'),
            ),
        ).toBe(true)
    }
    expect(empty).toEqual([])
    for (const kept of ['calls', 'call_events', 'webhook_events', 'users', 'api_keys', 'clients'])
      await expect(reader.query(`select 1 from ${kept}`)).rejects.toThrow()
    await expect(reader.query('select personal_salt from audit_logs')).rejects.toThrow()
    await expect(reader.query('delete from scans')).rejects.toThrow()
  } finally {
    await reader.close()
    await owner.query(`drop owned by ${role}`)
    await owner.query(`drop role ${role}`)
    await owner.close()
  }
})
