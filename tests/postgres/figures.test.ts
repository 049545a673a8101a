/** What a running service measures of itself: each figure is driven by what it is about. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createNoopMeter } from '@opentelemetry/api'
import { sql } from 'drizzle-orm'
import { openFigures } from '../../src/service/figures.ts'
import { createInstruments } from '../../telemetry/instruments/index.ts'
import { type Client, clientOf } from '../support/client.ts'
import { openTestDatabase } from '../support/database.ts'
import { type Caly, eventually, testedRuntime } from '../support/process.ts'
import { type ProxiedCaly, startProxiedCaly } from '../support/proxied.ts'
import { sample } from '../telemetry/support.ts'

setDefaultTimeout(60_000)

const webhookSecret = 'webhook-secret-of-the-figures'
const attack = encodeURIComponent("' OR '1'='1' -- ")

let started: ProxiedCaly
let caly: Caly
let admin: Client
let atStart: string
beforeAll(async () => {
  started = await startProxiedCaly({
    ANOMALY_MODE: 'block',
    METRICS_TOKEN: 'a-token-for-the-scraper-of-the-figures',
    CALY_PROVIDER: 'simulator',
    EXOTEL_WEBHOOK_SECRET: webhookSecret,
    RATE_LIMIT_AUTH: '8/1h',
  })
  ;({ caly, admin } = started)
  atStart = await scrape()
}, 90_000)
afterAll(() => started.close(), 60_000)

async function scrape(): Promise<string> {
  const { status, body } = await clientOf(caly, caly.env['METRICS_TOKEN'])('GET', '/metrics')
  expect(status).toBe(200)
  return body
}

/** Scrapes until a sample is right. */
const untilSample = (
  good: (value: number) => boolean,
  name: string,
  labels: Readonly<Record<string, string>> = {},
) =>
  eventually(
    async () => sample(await scrape(), name, labels),
    (value) => value !== undefined && good(value),
    20_000,
  )

describe('from the start', () => {
  test('what an alarm waits for is there at zero', () => {
    for (const [name, labels] of [
      ['caly_logins_total', { caly_login_reason: 'locked' }],
      ['caly_lockouts_total', { caly_lockout_scope: 'account' }],
      [
        'caly_anomalies_total',
        { caly_anomaly_kind: 'sql-injection', caly_anomaly_action: 'block' },
      ],
      ['caly_anomalies_total', { caly_anomaly_kind: 'scanning', caly_anomaly_action: 'refused' }],
      [
        'caly_rate_limit_verdicts_total',
        { caly_rate_limit_policy: 'auth', caly_rate_limit_allowed: 'false' },
      ],
      ['caly_call_status_changes_total', { caly_call_status: 'failed' }],
      ['caly_audit_lost_events_total', { caly_audit_outcome: 'dropped' }],
      ['caly_audit_queue_age_seconds', {}],
      ['caly_calls_open', { caly_call_status: 'ringing' }],
      ['caly_jobs', { caly_job_queue: 'calls.place', caly_job_state: 'failed' }],
      ['caly_jobs_oldest_age_seconds', { caly_job_queue: 'calls.place' }],
      ['caly_vulnerabilities_open', { caly_vulnerability_severity: 'critical' }],
      ['caly_telemetry_complaints_total', { caly_telemetry_level: 'error' }],
    ] as const)
      expect([name, labels, sample(atStart, name, labels)]).toEqual([name, labels, 0])
  })

  test('the process is told as it is, and on which runtime it runs', async () => {
    const body = await scrape()
    expect(sample(body, 'caly_build_info', { runtime: testedRuntime })).toBe(1)
    const files = sample(body, 'process_open_fds')
    expect(files).toBeGreaterThan(3)
    expect(sample(body, 'process_max_fds')).toBeGreaterThan(files ?? Number.NaN)
    const used = (text: string) =>
      sample(text, 'process_cpu_time_seconds_total', { cpu_mode: 'user' })
    expect(used(body)).toBeGreaterThan(used(atStart) ?? Number.NaN)
    // Some 30 MB at the least, and in bytes.
    expect(sample(body, 'caly_process_heap_used_bytes')).toBeGreaterThan(5e6)
    expect(sample(body, 'process_memory_usage_bytes')).toBeGreaterThan(3e7)
    expect(sample(body, 'process_uptime_seconds')).toBeGreaterThan(1)
    expect(sample(body, 'nodejs_eventloop_delay_p99_seconds')).toBeLessThan(10)
  })
})

test('a call is measured from its placing to its end, its talk and its callbacks too', async () => {
  const { body: call } = await admin('POST', '/api/calls', {
    from: '+912233445566',
    to: '+919876500010',
  })
  const { body: over } = await eventually(
    () => admin('GET', `/api/calls/${call.id}`),
    ({ body }) => body.status === 'completed',
  )
  const status = { caly_call_status: 'completed' }
  await untilSample((count) => count === 1, 'caly_call_duration_seconds_count', status)
  const body = await scrape()
  const seconds = (Date.parse(over.endedAt) - Date.parse(over.createdAt)) / 1000
  // The provider tells whole seconds.
  const measured = sample(body, 'caly_call_duration_seconds_sum', status) ?? Number.NaN
  expect(Math.abs(measured - seconds)).toBeLessThan(1)
  expect(sample(body, 'caly_call_talk_duration_seconds_count')).toBe(1)
  expect(sample(body, 'caly_call_talk_duration_seconds_sum')).toBe(over.durationSeconds)
  expect(sample(body, 'caly_call_status_changes_total', status)).toBe(1)
  expect(sample(body, 'caly_provider_placements_total', { caly_placement_outcome: 'placed' })).toBe(
    1,
  )
  const applied = sample(body, 'caly_webhook_lag_seconds_count') ?? 0
  expect(applied).toBeGreaterThanOrEqual(2)
  expect(sample(body, 'caly_webhook_lag_seconds_sum')).toBeLessThan(applied * 5)
  expect(sample(body, 'caly_webhook_events_total', { caly_webhook_outcome: 'received' })).toBe(
    applied,
  )
})

test('failed logins, the lock that follows and the limit behind it are counted', async () => {
  const login = { email: 'nobody@example.com', password: 'not the one' }
  const stranger = clientOf(caly)
  // The admin's own login was the first of this address.
  for (let attempt = 0; attempt < 7; attempt += 1)
    expect((await stranger('POST', '/api/auth/login', login)).status).toBe(401)
  expect((await stranger('POST', '/api/auth/login', login)).status).toBe(429)
  const body = await scrape()
  const failed = (reason: string) =>
    sample(body, 'caly_logins_total', {
      caly_login_outcome: 'failure',
      caly_login_reason: reason,
    }) ?? 0
  expect(failed('unknown_user') + failed('locked')).toBe(7)
  expect(sample(body, 'caly_logins_total', { caly_login_outcome: 'success' })).toBe(1)
  expect(sample(body, 'caly_lockouts_total', { caly_lockout_scope: 'address' })).toBe(1)
  const policy = { caly_rate_limit_policy: 'auth', caly_rate_limit_allowed: 'false' }
  expect(sample(body, 'caly_rate_limit_verdicts_total', policy)).toBe(1)
})

test('an attack that is blocked, one that is refused anyway, and one that is watched are told apart', async () => {
  const actions = async () => {
    const body = await scrape()
    return ['block', 'refused', 'monitor'].map((action) =>
      sample(body, 'caly_anomalies_total', {
        caly_anomaly_kind: 'sql-injection',
        caly_anomaly_action: action,
      }),
    )
  }
  expect((await admin('GET', `/api/calls?status=${attack}`)).status).toBe(403)
  expect(await actions()).toEqual([1, 0, 0])
  expect((await clientOf(caly)('GET', `/api/calls?status=${attack}`)).status).toBe(401)
  expect(await actions()).toEqual([1, 1, 0])
  const path = `/api/webhooks/exotel/${webhookSecret}?CallSid=${attack}`
  expect((await clientOf(caly)('GET', path)).status).toBe(200)
  expect(await actions()).toEqual([1, 1, 1])
})

test('while the database is away the age of waiting audit events grows, and a scrape is answered', async () => {
  await untilSample((age) => age === 0, 'caly_audit_queue_age_seconds')
  await started.proxy.set('swallow')
  // The first of its kind: later ones would only be counted.
  const wrong = await clientOf(caly)('POST', '/api/webhooks/exotel/not-the-secret', {})
  expect(wrong.status).toBe(404)
  await untilSample((bytes) => bytes > 0, 'caly_audit_spool_size_bytes')
  const asked = performance.now()
  const age = await untilSample((seconds) => seconds > 2, 'caly_audit_queue_age_seconds')
  expect(performance.now() - asked).toBeLessThan(10_000)
  expect(age).toBeLessThan(60)
  const body = await scrape()
  // What was known of the database a moment ago is told for a while yet.
  expect(sample(body, 'caly_calls_open', { caly_call_status: 'queued' })).toBe(0)
  await started.proxy.set('pass')
  await untilSample((seconds) => seconds === 0, 'caly_audit_queue_age_seconds')
  const spooled = { caly_audit_way: 'spool' }
  await untilSample((events) => events >= 1, 'caly_audit_events_total', spooled)
})

test('every metric that is declared is told by now, but for what this service has not', async () => {
  /** Told by others' tests: Redis, Exotel, a certificate, a scan that ended, a look at readiness. */
  const absent = [
    ...['caly.provider.circuit', 'caly.tls.certificate.remaining', 'caly.scan.age'],
    ...['caly.readiness', 'caly.readiness.age', 'caly.readiness.failed_checks'],
    ...(caly.env['REDIS_URL'] === undefined ? ['caly.rate_limit.shared'] : []),
  ]
  const body = await scrape()
  const untold = declared().filter((name) => {
    const spelt = name.replaceAll('.', '_')
    return !new RegExp(`^${spelt}(_seconds|_bytes)?(_total|_count)?[{ ]`, 'm').test(body)
  })
  expect(untold.sort()).toEqual(absent.sort())
})

/** The names of all instruments, as they are made. */
function declared(): string[] {
  const names: string[] = []
  const noop = createNoopMeter()
  createInstruments(
    new Proxy(noop, {
      get(target, method, receiver) {
        const make: unknown = Reflect.get(target, method, receiver)
        return typeof make === 'function'
          ? (name: string, ...rest: readonly unknown[]) => {
              names.push(name)
              return Reflect.apply(make, target, [name, ...rest])
            }
          : make
      },
    }),
  )
  return names
}

test('a figure whose statement takes too long is given up, told once, and leaves the others theirs', async () => {
  const home = await openTestDatabase()
  const errors: unknown[] = []
  const figures = openFigures({
    database: home.database,
    timeLimit: 200,
    onError: (error) => errors.push(error),
  })
  const slow = figures.add((tx) => tx.execute(sql`select pg_sleep(20)`))
  const quick = figures.add(async () => 'read')
  const began = performance.now()
  await figures.start()
  expect(performance.now() - began).toBeLessThan(5000)
  expect(quick.current()).toBe('read')
  expect(slow.current()).toBeUndefined()
  await slow.refresh()
  expect(errors).toMatchObject([{ code: '57014' }])
  await figures.close()
  await home.close()
})
