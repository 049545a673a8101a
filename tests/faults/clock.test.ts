/** What clients see while the clock of the service jumps by an hour, forward and back: nothing. */
import { expect, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { eventually } from '../support/process.ts'
import { setClock } from './clock-jumped.ts'
import { faultSuite } from './harness/suite.ts'
import { clocks } from './suites.ts'

const hour = 3600
const suite = clocks()
const stage = faultSuite(suite)

/** Does something at the right time, an hour later, at the right time, an hour earlier, and at last. */
async function throughJumps<Result>(work: (offset: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (const offset of [0, hour, 0, -hour, 0]) {
    await setClock(stage(), suite.clock(), offset)
    results.push(await work(offset))
  }
  return results
}

test('through two jumps, tokens expire by the clock, keys and ids keep their order, limits and durations do not notice', async () => {
  const { client, stranger, scraper, rows } = stage()
  const { admin } = stage().caly()
  const login = async () => (await stranger('POST', '/api/auth/login', admin)).body
  const me = async (token: string) =>
    (await clientOf(stage().caly(), token)('GET', '/api/auth/me')).status
  const call = { from: '+919999900001', to: '+919999900010' }
  const first = await login()
  const seen = await throughJumps(async (offset) => {
    const own = await login()
    const repeated = await client('POST', '/api/calls', call, { 'idempotency-key': 'jumps' })
    const placed = await client('POST', '/api/calls', call)
    return {
      offset,
      own: await me(own.accessToken),
      first: await me(first.accessToken),
      repeated: repeated.body.id,
      placed: placed.body.id,
      uptime: Number((await scraper('GET', '/health/detailed')).body.uptimeSeconds),
      // Seconds until the whole quota is there again.
      reset: Number(placed.headers.get('x-ratelimit-reset')),
    }
  })
  expect(seen.map(({ own }) => own)).toEqual([200, 200, 200, 200, 200])
  // A token of 15 minutes an hour later.
  expect(seen.map((it) => it.first)).toEqual([200, 401, 200, 200, 200])
  expect(new Set(seen.map(({ repeated }) => repeated)).size).toBe(1)
  const ids = seen.map(({ placed }) => String(placed))
  expect(ids).toEqual(ids.toSorted())
  for (const { reset } of seen) expect(reset).toBeLessThanOrEqual(60)
  const uptimes = seen.map(({ uptime }) => uptime)
  expect(uptimes).toEqual(uptimes.toSorted((one, other) => one - other))
  expect(Math.max(...uptimes)).toBeLessThan(hour / 2)
  const negative = `select id from calls where duration_seconds < 0`
  expect(await rows.query(negative)).toEqual([])
}, 60_000)

test('no duration in the log or in the metrics has an hour in it', async () => {
  const lines = stage()
    .caly()
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  const times = lines.flatMap(({ durationMs }) => durationMs ?? [])
  expect(times.length).toBeGreaterThan(100)
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...times)).toBeLessThan(60_000)
  const { body } = await stage().scraper('GET', '/metrics')
  const sums = [...String(body).matchAll(/^(\w+)_seconds_sum(?:\{.*\})? (\S+)$/gm)]
  const wrong = sums.filter(
    // A call's length is from its row: it outlives processes, and has no other clock.
    ([, name, value]) =>
      name !== 'caly_call_duration' && !(Number(value) >= 0 && Number(value) < hour),
  )
  expect(wrong.map(([line]) => line)).toEqual([])
})

test('the trail goes on being sealed', async () => {
  const { rows } = stage()
  const seals = async () =>
    Number((await rows.query('select count(*)::int as n from audit_seals'))[0]?.['n'])
  const before = await seals()
  await stage().stranger('GET', '/api/calls')
  await eventually(seals, (now) => now > before)
})
