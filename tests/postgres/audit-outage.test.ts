/** The trail while PostgreSQL is stopped under load, and what its rows say of that afterwards. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Books, openBooks } from '../support/audit/books.ts'
import { type Cluster, startCluster } from '../support/cluster.ts'
import { createDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'

let cluster: Cluster
let books: Books

beforeAll(async () => {
  cluster = await startCluster({ fsync: 'off' })
}, 60_000)
afterAll(() => cluster.close(), 60_000)
beforeEach(async () => {
  books = await openBooks((await createDatabase(cluster.url)).url)
}, 60_000)
afterEach(() => books.close(), 60_000)

/** Stops the server under load, starts it again, and lets everything come to its end. */
async function outage(seconds: number, env: Readonly<Record<string, string>>) {
  const { child, ready, exited } = books.hammer(env)
  await ready
  await sleep(1000)
  await cluster.stop('immediate')
  await sleep(seconds * 1000)
  await cluster.start()
  await eventually(books.spooled, (files) => files.length === 0, 30_000)
  await sleep(1000)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  expect(await books.spooled()).toEqual([])
  const { lost, surplus, unheard, ...figures } = await books.balance()
  process.stdout.write(`${JSON.stringify({ ...figures, unheard, lost: lost.length })}\n`)
  expect(surplus).toBe(0)
  const gaps = await books.query(
    `select details from audit_logs where event_type = 'AUDIT_EVENTS_DROPPED' order by created_at`,
  )
  return { lost, unheard, figures, gaps: gaps.map(({ details }) => details as Gap) }
}

interface Gap {
  readonly dropped: number
  readonly refused: number
  readonly from: string
  readonly to: string
}

const total = (gaps: readonly Gap[], kind: 'dropped' | 'refused'): number =>
  gaps.reduce((sum, gap) => sum + gap[kind], 0)

test('30 s without PostgreSQL lose no event, and refuse none: all of them are in the table after', async () => {
  const { lost, figures, gaps } = await outage(30, { SENDERS: '20', PAUSE: '20' })
  expect(lost).toEqual([])
  expect(gaps).toEqual([])
  expect(figures.refused).toBe(0)
  expect(figures.inTable).toBe(figures.acknowledged)
  // The load went on all the time.
  expect(figures.acknowledged).toBeGreaterThan(5000)
}, 120_000)

test('a full spool refuses events by default: what was acknowledged is there, and a row counts the rest', async () => {
  const { lost, unheard, figures, gaps } = await outage(5, { SPOOL_BYTES: '300000', PAUSE: '5' })
  expect(lost).toEqual([])
  expect(figures.refused).toBeGreaterThan(0)
  expect(figures.inTable).toBe(figures.acknowledged + unheard)
  expect(total(gaps, 'dropped')).toBe(0)
  expect(total(gaps, 'refused')).toBe(figures.refused)
}, 60_000)

test('a full spool with AUDIT_ON_FULL=drop goes on, and a row says how many events are missing since when', async () => {
  const began = Date.now()
  const { lost, figures, gaps } = await outage(5, {
    SPOOL_BYTES: '300000',
    PAUSE: '5',
    ON_FULL: 'drop',
  })
  expect(figures.refused).toBe(0)
  expect(lost.length).toBeGreaterThan(0)
  expect(total(gaps, 'dropped')).toBe(lost.length)
  for (const { from, to } of gaps) {
    expect(Date.parse(from)).toBeGreaterThan(began)
    expect(Date.parse(to)).toBeGreaterThanOrEqual(Date.parse(from))
    expect(Date.parse(to)).toBeLessThanOrEqual(Date.now())
  }
}, 60_000)
