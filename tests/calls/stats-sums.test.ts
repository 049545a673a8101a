/** Statistics are read from sums: whatever happens to calls, they say what the calls themselves say. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { callDirections, callStatuses, calls, clients } from '../../db/schema/index.ts'
import { callStatistics, type Period } from '../../src/calls/stats.ts'
import { foldCallChanges } from '../../src/calls/stats-fold.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { referenceOf } from './stats-reference.ts'

setDefaultTimeout(120_000)

let home: TestDatabase
const owners = [uuidv7(), uuidv7()]

beforeAll(async () => {
  home = await openTestDatabase()
  for (const id of owners) await home.database.db.insert(clients).values({ id, name: id })
})
afterAll(() => home.close())

/** A generator with a seed (mulberry32), so that a run that fails can be had again. */
function dice(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (below: number) => Math.floor(next() * below)
  const pick = <Value>(values: readonly Value[]): Value => {
    const value = values[whole(values.length)]
    if (value === undefined) throw new Error('There is nothing to pick from')
    return value
  }
  return { whole, pick }
}
type Dice = ReturnType<typeof dice>

const day = 86_400_000
const start = Date.parse('2026-02-25T00:00:00Z')
const days = 8

/** Midnights, moments beside them, any other. */
const moment = ({ whole, pick }: Dice) =>
  new Date(start + whole(days) * day + pick([0, 1, -1, day / 2, whole(day), whole(day)]))

const outcome = ({ whole, pick }: Dice) => {
  const status = pick([...callStatuses, 'completed', 'completed', 'completed'] as const)
  const seconds = pick([null, 0, 9, 10, 95, 95, 95, whole(60), whole(600), whole(20_000)])
  // Other calls may have one, and it must not count.
  return { status, durationSeconds: status === 'completed' || whole(4) === 0 ? seconds : null }
}

/** Something that happens to calls. */
async function happen(roll: Dice, ids: string[]): Promise<void> {
  const { db } = home.database
  const id = ids.length === 0 ? undefined : roll.pick(ids)
  const which = eq(calls.id, id ?? '')
  const kind = roll.whole(10)
  if (id === undefined || kind < 4) {
    const rows = Array.from({ length: 1 + roll.whole(20) }, () => ({
      id: uuidv7(),
      clientId: roll.pick(owners),
      direction: roll.pick(callDirections),
      provider: 'exotel',
      createdAt: moment(roll),
      ...outcome(roll),
    }))
    await db.insert(calls).values(rows)
    ids.push(...rows.map((row) => row.id))
  } else if (kind < 7) await db.update(calls).set(outcome(roll)).where(which)
  else if (kind === 7)
    await db
      .update(calls)
      .set(roll.pick([{ createdAt: moment(roll) }, { clientId: roll.pick(owners) }]))
      .where(which)
  else if (kind === 8)
    await db.update(calls).set({ sealed: null, erasedAt: new Date() }).where(which)
  else if (roll.whole(3) === 0) await db.delete(calls).where(which)
  else
    await db
      .transaction(async (tx) => {
        await tx.update(calls).set(outcome(roll)).where(which)
        throw new Error('Undone')
      })
      .catch(() => {})
}

const anyPeriod = (roll: Dice): Period => {
  const [one, other] = [moment(roll), moment(roll)]
  if (one < other) return { from: one, to: other }
  return { from: other, to: new Date(one.getTime() + 1) }
}

/** Both read what is there at one moment. */
async function compare(roll: Dice, period = anyPeriod(roll)): Promise<void> {
  for (const owner of owners) {
    const { found, right } = await home.database.db.transaction(
      async (tx) => ({
        found: await callStatistics(tx, owner, period),
        right: await referenceOf(tx, owner, period),
      }),
      { isolationLevel: 'repeatable read' },
    )
    expect(found).toEqual({
      ...right,
      averageDurationSeconds: close(right.averageDurationSeconds),
      p95DurationSeconds: close(right.p95DurationSeconds),
    })
  }
}

/** To the last digits of a double. */
const close = (value: number | null): number | null =>
  value === null ? null : (expect.closeTo(value, 9) as unknown as number)

const fold = () => foldCallChanges(home.database.db)
const changes = async () => {
  const { rows } = await home.database.db.execute(sql`select count(*)::int as n from call_changes`)
  return rows[0]?.['n']
}

for (const seed of [1, 2, 3])
  test(`the figures of any period are those of its calls, whenever they are added up (seed ${seed})`, async () => {
    const roll = dice(seed)
    const ids: string[] = []
    for (let round = 0; round < 40; round += 1) {
      for (let step = 0; step < 10; step += 1) await happen(roll, ids)
      if (roll.whole(2) === 0) await fold()
      for (let question = 0; question < 3; question += 1) await compare(roll)
    }
    await fold()
    expect(await changes()).toBe(0)
    for (let question = 0; question < 40; question += 1) await compare(roll)
  })

test('they are at every moment while calls come and change, and several add up', async () => {
  let writing = true
  const ids: string[] = []
  const writers = [4, 5].map(async (seed) => {
    const roll = dice(seed)
    for (let step = 0; step < 150; step += 1) await happen(roll, ids)
  })
  const others = [
    ...[6, 7].map(async () => {
      while (writing) await fold()
    }),
    (async () => {
      const roll = dice(8)
      while (writing) await compare(roll)
    })(),
  ]
  await Promise.all(writers)
  writing = false
  await Promise.all(others)
  await fold()
  expect(await changes()).toBe(0)
  const roll = dice(9)
  for (let question = 0; question < 20; question += 1) await compare(roll)
})

test('a call is counted from the commit that brings it, without the job', async () => {
  const [owner = ''] = owners
  const period = { from: new Date('2027-01-01'), to: new Date('2027-01-03') }
  const { db } = home.database
  const created = { clientId: owner, provider: 'exotel', createdAt: new Date('2027-01-01T08:00Z') }
  await db
    .insert(calls)
    .values({ ...created, direction: 'inbound', status: 'completed', durationSeconds: 61 })
  expect(await callStatistics(db, owner, period)).toMatchObject({
    total: 1,
    answerRate: 1,
    averageDurationSeconds: 61,
    p95DurationSeconds: 61,
    byDay: [{ day: '2027-01-01', total: 1, completed: 1 }],
  })
})

test('calls that came while the triggers were off are counted anew when it is asked for', async () => {
  const { client } = home.database
  const roll = dice(10)
  await client.query('alter table calls disable trigger user')
  for (let step = 0; step < 20; step += 1) await happen(roll, [])
  await client.query('alter table calls enable trigger user')
  const all = { from: new Date(start - day), to: new Date(start + (days + 1) * day) }
  expect(await compare(roll, all).catch(() => 'wrong')).toBe('wrong')
  await client.query('select caly_recount_calls()')
  await compare(roll, all)
  await fold()
  await compare(roll, all)
})

test('all changes are added up, however many there are', async () => {
  await home.database.db.execute(sql`
    insert into calls (id, client_id, direction, status, provider, created_at, duration_seconds)
    select gen_random_uuid(), ${owners[0]}, 'outbound', 'completed', 'exotel',
      ${new Date(start).toISOString()}::timestamptz + n * interval '1 second', n % 700
    from generate_series(1, 40001) n`)
  await fold()
  expect(await changes()).toBe(0)
  await compare(dice(11), { from: new Date(start + 1), to: new Date(start + day / 2) })
})

test('emptied calls leave no sums', async () => {
  await home.database.client.query('truncate calls cascade')
  for (const table of ['call_changes', 'call_sums', 'call_classes', 'call_durations'])
    expect((await home.database.client.query(`select from ${table}`)).rows).toHaveLength(0)
})
