import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type House, openHouse, until } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

let first: House
beforeAll(async () => {
  // Keeps the database; its simulator is slow, and dies before a call has ended.
  first = await openHouse({ step: 1500 })
})
afterAll(() => first.close())

test('calls that a dead process was playing are taken up by the next, and end once', async () => {
  const calls = await Promise.all(
    ['10', '01', '03', '04'].map((suffix) => first.place(`+9199999100${suffix}`)),
  )
  for (const { id } of calls)
    await until(async () => ((await first.read(id)).status === 'ringing' ? true : undefined))
  await first.jobs.stop(1000)
  await first.provider.close()
  const next = await openHouse({ beside: first, step: 1500, reconcileAfter: 2000 })
  try {
    const ended = await Promise.all(calls.map(({ id }) => next.ended(id)))
    expect(ended.map(({ status }) => status)).toEqual(['completed', 'busy', 'failed', 'completed'])
    const [completed] = ended
    expect(completed?.durationSeconds).toBe(2)
    const rows = await next.rows(`select 1 from audit_logs where event_type = 'CALL_PLACED'`)
    expect(rows).toHaveLength(calls.length)
    const events = (await next.read(calls[0]?.id ?? '')).events
    expect(events.map(({ source, status }) => `${source} ${status}`).toSorted()).toEqual([
      'api queued',
      'callback completed',
      'callback in-progress',
      'callback ringing',
      'provider ringing',
    ])
    expect(next.errors).toEqual([])
  } finally {
    await next.close()
  }
})
