/** Events whose month the table does not have: a clock that jumped, a spool older than a dropped month. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { DatabaseUnavailableError } from '../../db/errors.ts'
import { type AuditRow, auditRow, insertRedated, rowMacs } from '../../src/audit/index.ts'
import { sealedForm } from '../../src/audit/sealed-form.ts'
import { entryOf, openTestTrail, trailKeyring } from '../support/audit/trail.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'

let home: TestDatabase
let folder: string
/** Of this test's events. */
let clientId: string
let close: () => Promise<void>

beforeAll(async () => {
  home = await openTestDatabase()
}, 60_000)
afterAll(() => home.close(), 60_000)
beforeEach(async () => {
  clientId = uuidv7()
  folder = await mkdtemp(join(tmpdir(), 'caly-redate-'))
  close = async () => {}
})
afterEach(async () => {
  await close()
  await rm(folder, { recursive: true, force: true })
})

function open(before?: () => void) {
  const made = openTestTrail({
    client: home.database.client,
    folder,
    clientId,
    ...(before && { before }),
  })
  close = () => made.writer.close(2000)
  return made.writer
}

const stamp = (at: number) => ({ id: uuidv7(), at })
const macs = rowMacs(trailKeyring)
const rowAt = (at: number): AuditRow =>
  auditRow(entryOf('far'), stamp(at), { macs, platformClientId: () => clientId })

interface Found {
  readonly name: string
  readonly age: number
  readonly statedAt: string | null
  readonly mac: string
}

/** What the table has of this test: how old by the database's clock in seconds, and by whose MAC. */
async function found(): Promise<Found[]> {
  const { rows } = await home.database.client.query(
    `select *, extract(epoch from clock_timestamp() - created_at)::float8 as age,
       (extract(epoch from created_at) * 1000)::float8 as at
     from audit_logs where client_id = $1 and event_type <> 'AUDIT_EVENTS_DROPPED'
     order by request_id`,
    [clientId],
  )
  return (rows as Record<string, never>[]).map((row) => {
    const sealed = sealedForm({
      id: row['id'] ?? '',
      createdAt: new Date(Number(row['at'])),
      clientId,
      personalCommitment: row['personal_commitment'] ?? Buffer.alloc(0),
      eventType: row['event_type'] ?? '',
      severity: row['severity'] ?? '',
      outcome: row['outcome'] ?? '',
      actorType: row['actor_type'] ?? '',
      requestId: row['request_id'],
      traceId: row['trace_id'],
      method: row['method'],
      path: row['path'],
      statusCode: row['status_code'],
      details: row['details'] ?? {},
    })
    const details: { readonly statedAt?: string } = row['details'] ?? {}
    return {
      name: String(row['request_id']),
      age: Number(row['age']),
      statedAt: details.statedAt ?? null,
      mac: macs.check(sealed, row['mac'] ?? Buffer.alloc(0)),
    }
  })
}

const [future, past] = ['2028-01-01T00:00:00.000Z', '2019-05-06T07:08:09.010Z']

test('an event of a month that is not there stands in the present one, says its own time, and keeps nothing else back', async () => {
  const writer = open()
  await Promise.all([
    writer.record(entryOf('1 future'), stamp(Date.parse(future))),
    writer.record(entryOf('2 present'), stamp(Date.now())),
    writer.record(entryOf('3 past'), stamp(Date.parse(past))),
  ])
  const rows = await found()
  expect(rows).toMatchObject([
    { name: 'request-1 future', statedAt: future, mac: 'right' },
    { name: 'request-2 present', statedAt: null, mac: 'right' },
    { name: 'request-3 past', statedAt: past, mac: 'right' },
  ])
  for (const { age } of rows) expect(Math.abs(age)).toBeLessThan(60)
  expect(writer.status()).toMatchObject({ away: false, spooled: 0, full: false })
})

test('such an event in the spool is replayed likewise, and what came after it too', async () => {
  const state = { away: true }
  const writer = open(() => {
    if (state.away) throw new DatabaseUnavailableError('The database is gone')
  })
  await writer.record(entryOf('1 past'), stamp(Date.parse(past)))
  await writer.record(entryOf('2 present'), stamp(Date.now()))
  state.away = false
  await eventually(
    async () => writer.status(),
    ({ spooled, away }) => spooled === 0 && !away,
  )
  expect(await found()).toMatchObject([
    { name: 'request-1 past', statedAt: past, mac: 'right' },
    { name: 'request-2 present', statedAt: null, mac: 'right' },
  ])
  expect((await readdir(folder)).filter((name) => !name.endsWith('.gap'))).toEqual([])
})

test('such a row that is sent again, as after a lost answer, is there once', async () => {
  const rows = [rowAt(Date.parse(future)), rowAt(Date.now())]
  await insertRedated(home.database.client, macs, rows)
  await insertRedated(home.database.client, macs, rows)
  expect(await found()).toHaveLength(2)
})

test('a row that was changed in the spool does not come out of it with a MAC that is right', async () => {
  const forged = { ...rowAt(Date.parse(future)), eventType: 'LOGIN_SUCCESS' }
  await insertRedated(home.database.client, macs, [forged])
  expect(await found()).toMatchObject([{ statedAt: future, mac: 'wrong' }])
})

test('where the present month is missing too, rows wait as they are', async () => {
  const { client } = home.database
  const begins = `${new Date().toISOString().slice(0, 7)}-01`
  const name = `audit_logs_${begins.slice(0, 7).replace('-', '_')}`
  const rows = [rowAt(Date.now())]
  await client.query(`alter table audit_logs detach partition ${name}`)
  try {
    const inserting = insertRedated(client, macs, rows)
    await expect(inserting).rejects.toBeInstanceOf(DatabaseUnavailableError)
  } finally {
    const ends = `timestamptz '${begins} 00:00Z' + interval '1 month'`
    const [from, to] = [`('${begins} 00:00Z')`, `(${ends})`]
    await client.query(
      `alter table audit_logs attach partition ${name} for values from ${from} to ${to}`,
    )
  }
  await insertRedated(client, macs, rows)
  expect(await found()).toMatchObject([{ statedAt: null, mac: 'right' }])
})
