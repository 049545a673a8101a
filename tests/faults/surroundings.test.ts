/** What clients see while Redis or the collector is gone, or memory or disk is short. */
import { expect, test } from 'bun:test'
import { faultSuite } from './harness/suite.ts'
import { surroundings } from './suites.ts'

const suite = surroundings()
const stage = faultSuite(suite)

test('the trail tells how many requests were refused since no event found room', async () => {
  const gaps = await stage().rows.query(
    `select details from audit_logs where event_type = 'AUDIT_EVENTS_DROPPED'`,
  )
  process.stdout.write(`${suite.disk().kind}: ${JSON.stringify(gaps)}\n`)
  // Events that nobody waited for may be among them as dropped.
  const refused = gaps.map(({ details }) => (details as { refused: number }).refused)
  expect(Math.max(...refused)).toBeGreaterThan(0)
})
