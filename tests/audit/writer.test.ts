import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { DatabaseUnavailableError } from '../../db/errors.ts'
import {
  type AuditEntry,
  auditRow,
  auditTrail,
  auditWriter,
  insertRows,
  openSpool,
  rowMacs,
} from '../../src/audit/index.ts'
import { SpoolFullError } from '../../src/audit/spool/index.ts'
import type { AuditWriterOptions } from '../../src/audit/writer/index.ts'
import {
  entryOf,
  openTestTrail,
  type TestTrailOptions,
  trailKeyring,
} from '../support/audit/trail.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'

let home: TestDatabase
let folder: string
/** Of this test's events. */
let clientId: string
const opened: ReturnType<typeof openTestTrail>[] = []

beforeAll(async () => {
  home = await openTestDatabase()
}, 60_000)
afterAll(() => home.close(), 60_000)
beforeEach(async () => {
  clientId = uuidv7()
  folder = await mkdtemp(join(tmpdir(), 'caly-writer-'))
})
afterEach(async () => {
  for (const { writer } of opened.splice(0)) await writer.close(2000)
  await rm(folder, { recursive: true, force: true })
})

function open(options: Partial<TestTrailOptions> = {}) {
  const made = openTestTrail({ client: home.database.client, folder, clientId, ...options })
  opened.push(made)
  return made
}

const away = () => {
  throw new DatabaseUnavailableError('The database is gone')
}

async function names(): Promise<string[]> {
  const { rows } = await home.database.client.query(
    `select request_id from audit_logs
     where client_id = $1 and event_type <> 'AUDIT_EVENTS_DROPPED' order by id`,
    [clientId],
  )
  return (rows as { request_id: string }[]).map(({ request_id }) => request_id)
}
const segments = async () => (await readdir(folder)).filter((name) => name.endsWith('.segment'))

/** An event that nobody waits for. */
const read = (name: string): AuditEntry => ({
  event: 'DATA_READ',
  origin: { actorType: 'user', requestId: `request-${name}` },
  details: { of: 'call', count: 1 },
})

test('an event is in the table when record() resolves, and many at once go in few statements', async () => {
  let statements = 0
  const { trail } = open({
    before() {
      statements += 1
    },
  })
  await trail.record(entryOf('first'))
  expect(await names()).toEqual(['request-first'])
  const many = Array.from({ length: 1000 }, (_, index) => entryOf(index))
  await Promise.all(many.map(trail.record))
  expect(await names()).toEqual([
    'request-first',
    ...many.map(({ origin }) => `${origin.requestId}`),
  ])
  expect(statements).toBeLessThan(8)
})

test('nobody waits for what the catalogue says so of, and it is there soon', async () => {
  const held = Promise.withResolvers<void>()
  const { trail } = open({ before: () => held.promise })
  await trail.record(read('one'))
  expect(await names()).toEqual([])
  held.resolve()
  await eventually(names, (found) => found.length === 1)
})

test('a row that the database refuses for what is in it fails alone', async () => {
  const { trail } = open()
  const wrong = { ...entryOf('wrong'), origin: { actorType: 'user', clientId: 'nobody' } } as const
  const results = await Promise.allSettled(
    [entryOf(1), entryOf(2), wrong, entryOf(3)].map(trail.record),
  )
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  expect(await names()).toEqual(['request-1', 'request-2', 'request-3'])
})

/** A writer whose rows and spool a test may spoil. */
function openSpoiled(options: Pick<AuditWriterOptions, 'insert'> & Partial<AuditWriterOptions>) {
  const maker = { macs: rowMacs(trailKeyring), platformClientId: () => clientId }
  const writer = auditWriter({
    build: (entry, stamp) => auditRow(entry, stamp, maker),
    spool: openSpool({ folder, limit: 2 ** 20 }),
    stamp,
    onFull: 'refuse',
    now: Date.now,
    ...options,
  })
  opened.push({ writer, trail: auditTrail({ now: Date.now, maker, recorder: writer.record }) })
  return writer
}
const stamp = () => ({ id: uuidv7(), at: Date.now() })

test('a row that breaks a rule of the table is no outage: it fails alone', async () => {
  const maker = { macs: rowMacs(trailKeyring), platformClientId: () => clientId }
  const writer = openSpoiled({
    insert: (rows) => insertRows(home.database.client, rows),
    build(entry, at) {
      const row = auditRow(entry, at, maker)
      const wrong = entry.origin.requestId === 'request-wrong'
      return wrong ? { ...row, personalCommitment: Buffer.alloc(5) } : row
    },
  })
  const results = await Promise.allSettled(
    [entryOf(1), entryOf('wrong'), entryOf(2)].map((entry) => writer.record(entry, stamp())),
  )
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(writer.status()).toMatchObject({ away: false, spooled: 0 })
  expect(await names()).toEqual(['request-1', 'request-2'])
})

test('a spool that refuses when the database is back already does not close the trail', async () => {
  const state = { away: true }
  const spool = openSpool({ folder, limit: 2 ** 20 })
  const back = Promise.withResolvers<void>()
  const writer = openSpoiled({
    insert: (rows) => (state.away ? away() : insertRows(home.database.client, rows)),
    spool: {
      ...spool,
      async append() {
        await back.promise
        throw new SpoolFullError('The spool is full')
      },
    },
  })
  const refused = writer.record(entryOf(1), stamp())
  refused.catch(() => {})
  await eventually(
    async () => writer.status(),
    (status) => status.away,
  )
  state.away = false
  await eventually(
    async () => writer.status(),
    (status) => !status.away,
  )
  back.resolve()
  await expect(refused).rejects.toMatchObject({ status: 503 })
  await eventually(
    async () => writer.status(),
    ({ full }) => !full,
  )
  await writer.record(entryOf(2), stamp())
  expect(await names()).toEqual(['request-2'])
})

test('texts that PostgreSQL does not take are written as near as can be', async () => {
  const { trail } = open()
  await trail.record({
    event: 'ACCESS_DENIED',
    origin: { actorType: 'user', requestId: 'a\0b', userAgent: 'half \ud800 a pair' },
    details: { reason: `\ud83d\0${'x'.repeat(100_000)}` },
    resource: { type: 'call', id: 'long'.repeat(2000) },
  })
  expect(await names()).toEqual(['a\ufffdb'])
})

test('while the database is away events are on disk when record() resolves, and in the table after', async () => {
  const state = { away: true }
  const { trail, writer } = open({ before: () => (state.away ? away() : undefined) })
  await Promise.all([entryOf(1), entryOf(2)].map(trail.record))
  expect(await segments()).toHaveLength(1)
  expect(writer.status()).toMatchObject({ away: true, full: false })
  expect(writer.status().spooled).toBeGreaterThan(1000)
  state.away = false
  await eventually(names, (found) => found.length === 2)
  await eventually(segments, (files) => files.length === 0)
  // The file goes first, and is taken off the count after that.
  await eventually(
    async () => writer.status().spooled,
    (spooled) => spooled === 0,
  )
  expect(writer.status()).toEqual({
    queued: 0,
    oldestAt: undefined,
    spooled: 0,
    away: false,
    full: false,
    onDisk: true,
  })
  await trail.record(entryOf(3))
  expect(await names()).toEqual(['request-1', 'request-2', 'request-3'])
})

test('the status tells since when the oldest event waits: in memory, on disk, and left by the dead', async () => {
  const held = Promise.withResolvers<void>()
  let first = true
  const before = () => {
    if (!first) return away()
    first = false
    return held.promise
  }
  const { trail, writer } = open({ before })
  const from = Date.now()
  const waiting = trail.record(entryOf(1))
  await eventually(
    async () => writer.status(),
    ({ queued }) => queued === 0,
  )
  const inMemory = writer.status().oldestAt
  expect(inMemory).toBeGreaterThanOrEqual(from)
  expect(inMemory).toBeLessThanOrEqual(Date.now())
  held.reject(new DatabaseUnavailableError('The database is gone'))
  await waiting
  const later = Date.now() + 1
  await eventually(
    async () => Date.now(),
    (now) => now > later,
  )
  await trail.record(entryOf(2))
  await writer.close(2000)
  // What came later does not hide it.
  const onDisk = writer.status().oldestAt
  expect(onDisk).toBeGreaterThanOrEqual(from)
  expect(onDisk).toBeLessThan(later)

  const state = { away: true }
  const next = open({ before: () => (state.away ? away() : undefined) })
  await next.writer.start()
  expect(next.writer.status().oldestAt).toBe(onDisk)
  state.away = false
  await eventually(
    async () => next.writer.status().oldestAt,
    (oldest) => oldest === undefined,
  )
  expect(await names()).toEqual(['request-1', 'request-2'])
})

test('a database that says nothing holds nobody up: the event is on disk after a second, and once in the table', async () => {
  const held = Promise.withResolvers<void>()
  const { trail } = open({ before: () => held.promise })
  await trail.record(entryOf(1))
  expect(await segments()).toHaveLength(1)
  held.resolve()
  await eventually(segments, (files) => files.length === 0)
  expect(await names()).toEqual(['request-1'])
})

test('at a stop without a database everything goes to disk, and the next start brings it in', async () => {
  const { trail, writer } = open({ before: away })
  await trail.record(read('unwaited'))
  await trail.record(entryOf(1))
  await writer.close(2000)
  expect(await names()).toEqual([])
  const next = open()
  await next.writer.start()
  await eventually(names, (found) => found.length === 2)
})

test('with database and spool gone record() is refused as 503, at once from the second on, and a row tells how many', async () => {
  const state = { away: true }
  const { trail, writer } = open({
    before: () => (state.away ? away() : undefined),
    limit: 10,
  })
  await writer.start()
  for (const name of [1, 2, 3])
    await expect(trail.record(entryOf(name))).rejects.toMatchObject({ status: 503 })
  // Who does not wait otherwise is told all the same.
  await expect(trail.record(read('unwaited'))).rejects.toMatchObject({ status: 503 })
  expect(writer.status()).toMatchObject({ full: true })
  state.away = false
  const details = await eventually(gaps, (found) => found.length > 0)
  expect(details).toMatchObject([{ dropped: 0, refused: 4 }])
  await trail.record(entryOf('again'))
  expect(await names()).toEqual(['request-again'])
})

test('with AUDIT_ON_FULL=drop record() resolves all the same, and a row tells how many are missing', async () => {
  const state = { away: true }
  const { trail } = open({
    before: () => (state.away ? away() : undefined),
    limit: 10,
    onFull: 'drop',
  })
  for (const name of [1, 2, 3]) await trail.record(entryOf(name))
  state.away = false
  expect(await eventually(gaps, (found) => found.length > 0)).toMatchObject([
    { dropped: 3, refused: 0 },
  ])
  expect(await names()).toEqual([])
})

const gaps = async () => {
  const { rows } = await home.database.client.query(
    `select details from audit_logs
     where client_id = $1 and event_type = 'AUDIT_EVENTS_DROPPED'`,
    [clientId],
  )
  return (rows as { details: object }[]).map(({ details }) => details)
}

test('rows of the spool that cannot be written are set aside for a person, and counted', async () => {
  const state = { away: true }
  const damage: number[] = []
  const { trail } = open({
    before: () => (state.away ? away() : undefined),
    observer: { onDamage: (lines) => damage.push(lines) },
  })
  const wrong = { ...entryOf('wrong'), origin: { actorType: 'user', clientId: 'nobody' } } as const
  await Promise.all([entryOf(1), wrong, entryOf(2)].map(trail.record))
  state.away = false
  expect(await eventually(gaps, (found) => found.length > 0)).toMatchObject([{ dropped: 1 }])
  expect(await names()).toEqual(['request-1', 'request-2'])
  expect(damage).toEqual([1])
  expect((await readdir(folder)).filter((name) => name.endsWith('.damaged'))).toHaveLength(1)
})

test('what is written, put aside and brought back later is no part of the request that set it off', async () => {
  const requests = new AsyncLocalStorage<string>()
  const seen = new Set<string | undefined>()
  const state = { away: false }
  const { trail, writer } = open({
    before() {
      seen.add(requests.getStore())
      if (state.away) away()
    },
  })
  const within = (name: string) => requests.run(name, () => trail.record(entryOf(name)))
  await within('first')
  await requests.run('summed', () => trail.recordSummed('a source', entryOf('summed')))
  state.away = true
  await within('aside')
  state.away = false
  await eventually(
    async () => writer.status(),
    ({ spooled, away }) => spooled === 0 && !away,
  )
  expect(await names()).toEqual(['request-first', 'request-summed', 'request-aside'])
  expect(seen).toEqual(new Set([undefined]))
})

test('a folder that cannot be written is known before it is needed', async () => {
  const file = join(folder, 'a-file')
  await writeFile(file, '')
  const { trail, writer } = open({ folder: join(file, 'spool') })
  await writer.start()
  expect(writer.status().onDisk).toBe(false)
  await trail.record(entryOf(1))
  expect(await names()).toEqual(['request-1'])
})
