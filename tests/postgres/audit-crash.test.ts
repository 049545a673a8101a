/** What `record()` has acknowledged is in the table, whatever dies: twenty deaths under load. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Books, openBooks } from '../support/audit/books.ts'
import { createScratchDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'

let scratch: Awaited<ReturnType<typeof createScratchDatabase>>
let proxy: TcpProxy
let books: Books

beforeEach(async () => {
  scratch = await createScratchDatabase()
  if (scratch === undefined) throw new Error('TEST_DATABASE_URL is missing')
  proxy = await tcpProxy(scratch.url)
  books = await openBooks(scratch.url)
}, 60_000)
afterEach(async () => {
  await books.close()
  await proxy.close()
  await scratch?.drop()
}, 60_000)

test('twenty kill -9 at random moments lose no acknowledged event, and write none twice', async () => {
  // Room for all that twenty processes leave: what a full spool does is another test.
  const env = { DATABASE_URL: proxy.through(scratch?.url ?? ''), SPOOL_BYTES: String(2 ** 30) }
  let diedWithSpool = 0
  for (let kill = 0; kill < 20; kill += 1) {
    await proxy.set('pass')
    const { child, ready, exited } = books.hammer(env)
    await ready
    // Every second one loses its database first, so that it dies while it writes to the spool.
    if (kill % 2 === 1) {
      await sleep(Math.random() * 300)
      await proxy.set(kill % 4 === 1 ? 'refuse' : 'swallow')
    }
    await sleep(Math.random() * 1500)
    child.kill('SIGKILL')
    await exited
    if ((await books.spooled()).length > 0) diedWithSpool += 1
  }
  await proxy.set('pass')
  // One more process takes up what the dead have left.
  const last = books.hammer({ ...env, SENDERS: '1', PAUSE: '100' })
  await last.ready
  await eventually(books.spooled, (files) => files.length === 0, 30_000)
  last.child.kill('SIGTERM')
  expect(await last.exited).toBe(0)
  const { lost, surplus, ...figures } = await books.balance()
  process.stdout.write(`${JSON.stringify({ ...figures, diedWithSpool })}\n`)
  expect({ lost, surplus, refused: figures.refused }).toEqual({ lost: [], surplus: 0, refused: 0 })
  expect(figures.acknowledged).toBeGreaterThan(1000)
  expect(diedWithSpool).toBeGreaterThan(3)
}, 180_000)

test('a gap in the trail outlives the process that left it', async () => {
  const env = { DATABASE_URL: proxy.through(scratch?.url ?? '') }
  const full = books.hammer({ ...env, ON_FULL: 'drop', SPOOL_BYTES: '50000', PAUSE: '5' })
  await full.ready
  await proxy.set('refuse')
  // The count is on the disk a second after it has grown.
  await sleep(4000)
  full.child.kill('SIGKILL')
  await full.exited
  await proxy.set('pass')
  const next = books.hammer({ ...env, SENDERS: '1', PAUSE: '100' })
  await next.ready
  const [gap] = await eventually(
    () =>
      books.query(
        `select (details->>'dropped')::int as dropped from audit_logs
         where event_type = 'AUDIT_EVENTS_DROPPED'`,
      ),
    (rows) => rows.length > 0,
  )
  next.child.kill('SIGTERM')
  expect(await next.exited).toBe(0)
  const { lost } = await books.balance()
  const dropped = Number(gap?.['dropped'])
  process.stdout.write(`${JSON.stringify({ dropped, lost: lost.length })}\n`)
  expect(dropped).toBeGreaterThan(lost.length / 3)
  expect(dropped).toBeLessThanOrEqual(lost.length)
}, 60_000)
