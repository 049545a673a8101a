/**
 * How long a provider waits for the 200 to a status callback: of the service as a process of its own,
 * at the pace of an account that places all the calls that it may (600 a minute), at four times that
 * (the limit of webhooks), and in bursts. The service runs on the PostgreSQL of `TEST_DATABASE_URL`,
 * else on the embedded database; beside it a callback with a wrong secret, of which nothing is stored.
 */
import { randomUUID } from 'node:crypto'
import { cpus } from 'node:os'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCaly } from '../support/process.ts'

/** Exotel waits 15 s; the aim is 50 ms. */
const secret = 'a-secret-of-this-bench'

/** Callbacks a second, each alone; and how many at once, four times a second. */
const paces = [10, 40] as const
const burst = 20

/** @param seconds of each pace */
export async function benchCallbacks(seconds: number): Promise<void> {
  const line = (text: string) => process.stdout.write(`${text}\n`)
  const caly = await startCaly({
    env: {
      CALY_PROVIDER: 'simulator',
      EXOTEL_WEBHOOK_SECRET: secret,
      RATE_LIMIT_WEBHOOK: 'off',
      RATE_LIMIT_GLOBAL: 'off',
      LOG_LEVEL: 'warn',
    },
  })
  const send = async (path: string, expected: number): Promise<number> => {
    const startedAt = performance.now()
    const response = await fetch(new URL(`/api/webhooks/exotel/${path}`, caly.baseUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: callback(),
    })
    await response.arrayBuffer()
    if (response.status !== expected) throw new Error(`A callback was answered ${response.status}`)
    return performance.now() - startedAt
  }
  const measure = async (many: number, pause: number, path = secret, expected = 200) => {
    const times: Promise<number>[] = []
    for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
      for (let one = 0; one < many; one += 1) times.push(send(path, expected))
      await sleep(pause)
    }
    return quantiles(await Promise.all(times))
  }
  try {
    line(`Bun ${process.versions['bun']}, ${cpus().length} × ${cpus()[0]?.model}`)
    await measure(1, 20)
    for (const pace of paces)
      line(`${String(pace).padStart(3)} a second      ${await measure(1, 1000 / pace)}`)
    line(`${burst} at once, often ${await measure(burst, 250)}`)
    line(`wrong secret      ${await measure(1, 25, 'wrong-wrong-wrong-wrong', 404)}`)
  } finally {
    await caly.stop()
  }
}

/** The last callback of a call that nobody here has placed. */
const callback = (): string =>
  JSON.stringify({
    CallSid: randomUUID().replaceAll('-', ''),
    EventType: 'terminal',
    DateUpdated: '2026-01-15 14:30:46',
    From: '09999900001',
    To: '09999900002',
    PhoneNumberSid: '09999900010',
    StartTime: '2026-01-15 14:25:12',
    EndTime: '2026-01-15 14:30:45',
    Status: 'completed',
    ConversationDuration: 320,
    Direction: 'outbound-dial',
    Legs: [{ Status: 'completed' }, { Status: 'completed' }],
  })

function quantiles(times: number[]): string {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (${sorted.length})`
}
