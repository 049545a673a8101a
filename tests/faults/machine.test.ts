/** What clients see while the machine is short of memory or of disk. */
import { expect, test } from 'bun:test'
import { diskFull, diskFullAndDatabaseGone } from './disk-full.ts'
import { type SmallDisk, smallDisk } from './harness/small-disk.ts'
import { faultSuite } from './harness/suite.ts'
import { memoryPressure } from './memory-pressure.ts'

let made: SmallDisk
const disk = () => made

const stage = faultSuite(
  [
    [memoryPressure(), 2000],
    [diskFull(disk), 1000],
    [diskFullAndDatabaseGone(disk), 2000],
  ],
  async () => {
    made = await smallDisk()
    return { dataDir: made.folder, env: { MAX_IN_FLIGHT: '200' }, afterwards: made.close }
  },
)

test('the trail tells how many events found no room, and none of them was acknowledged', async () => {
  const gaps = await stage().rows.query(
    `select details from audit_logs where event_type = 'AUDIT_EVENTS_DROPPED'`,
  )
  process.stdout.write(`${made.kind}: ${JSON.stringify(gaps)}\n`)
  expect(gaps.length).toBeGreaterThan(0)
  for (const { details } of gaps) expect(details).toMatchObject({ dropped: 0 })
})
