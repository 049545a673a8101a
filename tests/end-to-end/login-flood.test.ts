/** What everybody else gets while logins are flooded, from a real process. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { type Caly, startCaly } from '../support/process.ts'

let caly: Caly
beforeAll(async () => {
  const limits = { RATE_LIMIT_GLOBAL: 'off', RATE_LIMIT_API: 'off', RATE_LIMIT_AUTH: 'off' }
  caly = await startCaly({ env: limits })
  await clientOf(caly)('POST', '/api/auth/login', caly.admin)
}, 90_000)
afterAll(() => caly.stop(), 30_000)

const at = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? Number.NaN

test('while 40 log in at a time, other requests are answered, and too many logins are told to wait', async () => {
  const ask = clientOf(caly)
  let flooding = true
  const statuses = new Map<number, number>()
  const flood = Array.from({ length: 40 }, async (_, n) => {
    while (flooding) {
      const body = { email: `user${n}@example.com`, password: 'a wrong guess' }
      const { status, headers } = await ask('POST', '/api/auth/login', body)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status === 503) expect(headers.get('retry-after')).toBe('1')
      // As the answer asks, though not for quite as long.
      if (status === 503) await new Promise((resolve) => setTimeout(resolve, 200))
    }
  })
  // Whoever has logged in from here before is let in at the first attempt.
  const home = (async () => {
    for (let n = 0; n < 5; n++) {
      expect((await ask('POST', '/api/auth/login', caly.admin)).status).toBe(200)
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  })()
  const times: number[] = []
  for (const end = performance.now() + 8000; performance.now() < end; ) {
    const begun = performance.now()
    expect((await ask('GET', '/api')).status).toBe(200)
    times.push(performance.now() - begun)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await home
  flooding = false
  await Promise.all(flood)
  process.stdout.write(
    `${times.length} requests: median ${at(times, 0.5).toFixed(1)} ms, p99 ${at(times, 0.99).toFixed(1)} ms; logins ${JSON.stringify([...statuses])}\n`,
  )
  expect([...statuses.keys()].sort()).toEqual([401, 503])
  // 40 logins take 2 s of hashing: whoever waited behind them would wait for that long.
  expect(at(times, 0.5)).toBeLessThan(25)
  expect(at(times, 0.99)).toBeLessThan(150)
}, 60_000)
