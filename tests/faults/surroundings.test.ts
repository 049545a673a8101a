/** What clients see while Redis or the collector is gone, or memory or disk is short. */
import { expect, test } from 'bun:test'
import { collectorGone } from './collector-gone.ts'
import { diskFull, diskFullAndDatabaseGone } from './disk-full.ts'
import { type SmallDisk, smallDisk } from './harness/small-disk.ts'
import { faultSuite } from './harness/suite.ts'
import { memoryPressure } from './memory-pressure.ts'
import { redisGone } from './redis-gone.ts'

let made: SmallDisk
const disk = () => made

const stage = faultSuite(
  [
    [diskFullAndDatabaseGone(disk), 2000],
    [redisGone, 1500],
    [collectorGone, 1500],
    [diskFull(disk), 500],
    [memoryPressure(), 1500],
  ],
  async () => {
    made = await smallDisk()
    return { dataDir: made.folder, env: { MAX_IN_FLIGHT: '200' }, afterwards: made.close }
  },
)

test('the trail tells how many requests were refused since no event found room', async () => {
  const gaps = await stage().rows.query(
    `select details from audit_logs where event_type = 'AUDIT_EVENTS_DROPPED'`,
  )
  process.stdout.write(`${made.kind}: ${JSON.stringify(gaps)}\n`)
  // Events that nobody waited for may be among them as dropped.
  const refused = gaps.map(({ details }) => (details as { refused: number }).refused)
  expect(Math.max(...refused)).toBeGreaterThan(0)
})
