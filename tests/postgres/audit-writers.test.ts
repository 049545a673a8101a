/** Many processes that write and seal at once: no fork, no gap, nobody waits. `bun run soak` has it longer. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { manyWriters } from '../support/audit/many-writers.ts'
import { type Cluster, startCluster } from '../support/cluster.ts'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ max_connections: '300' })
}, 60_000)
afterAll(() => cluster.close())

test('four processes of 50 writers each, who commit out of order, leave one chain without a gap', async () => {
  const { acknowledged, report, second, longestLockWait, faults } = await manyWriters({
    url: cluster.url,
    processes: 4,
    writers: 50,
    seconds: 8,
  })
  expect(faults).toEqual([])
  expect(report).toMatchObject({ intact: true, rows: acknowledged, unsealed: 0, findings: [] })
  expect(report.head?.totalCount).toBe(acknowledged)
  expect(second).toEqual([])
  expect(report.seals).toBeGreaterThan(1)
  expect(longestLockWait).toBeLessThan(1000)
}, 120_000)
