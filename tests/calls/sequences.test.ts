/** Ten orders in which a call's events arrive, from the request to the final state. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readdir, readFile } from 'node:fs/promises'
import { detailsOf, readCall } from '../../src/calls/exotel/details.ts'
import type { CallDetails, CallWithEvents } from '../../src/calls/index.ts'
import { type House, openHouse, until } from './house.ts'
import { about, sampleLines, sampleMessage, sampleNames } from './sample-messages.ts'
import { sidOf, silentProvider } from './silent-provider.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

interface Sequence {
  readonly id: string
  /** Numbers of samples; an object is one whose SID differs. */
  readonly events: readonly (string | { readonly from: string; readonly CallSid: string })[]
  readonly final: string
  readonly note: string
}

/** Finals that the collection has by Exotel's top word: while leg 2 rings, a call rings here. */
const ourWord: Readonly<Record<string, string>> = { 'answered-then-nothing': 'ringing' }

/** What else is to be seen of a call in the end. */
const ends: Readonly<Record<string, Partial<CallWithEvents>>> = {
  happy: { durationSeconds: 320, answeredAt: '2026-01-15T08:55:25.000Z' },
  'terminal-first': { durationSeconds: 320, answeredAt: '2026-01-15T08:55:25.000Z' },
  'failed-then-details': { endedAt: '2026-01-15T08:55:34.000Z', failureReason: null },
  'completed-then-failed': { durationSeconds: 320, failureReason: null },
  'default-then-details': { durationSeconds: 320, endedAt: '2026-01-15T09:00:45.000Z' },
  'unsettled-details': { durationSeconds: null, endedAt: null },
  'inbound-missed': { direction: 'inbound', durationSeconds: 0 },
  // That there is one is said by the provider's own record alone.
  'inbound-answered': { direction: 'inbound', record: true, recordingAvailable: false },
}

/** Of calls that are to be placed: resolves once the provider may tell their names. */
const gates = new Map<string, Promise<void>>()
let nextGate: Promise<void> = Promise.resolve()
/** What Call Details say, by the provider's name. */
const records = new Map<string, CallDetails>()

let time = Date.now()
let house: House
beforeAll(async () => {
  const provider = silentProvider({
    async place({ id }) {
      gates.set(id, nextGate)
      await nextGate
      return { outcome: 'placed', providerCallId: sidOf(id) }
    },
    details: async ({ providerCallId }) => {
      const record = records.get(providerCallId ?? '')
      return record === undefined ? [] : [record]
    },
    settlesAfter: 120_000,
  })
  house = await openHouse({ provider, now: () => time })
  await house.rows('insert into client_numbers (number, client_id) values ($1, $2)', [
    ...['+919999900010', house.clientId],
  ])
})
afterAll(() => house.close())

const folder = new URL('samples/', import.meta.url)
const details = (await readdir(folder)).filter((name) => /^5[0-3]-/.test(name))

/** The provider's record is as in a sample, and is read: reconciliation comes round. */
async function reconcile(number: string, sid: string, id: string) {
  const name = details.find((one) => one.startsWith(number)) ?? ''
  const text = about(await readFile(new URL(name, folder), 'utf8'), { sid })
  const record = readCall(JSON.parse(text))
  if (record === undefined) throw new Error(`${name} was not read`)
  records.set(sid, detailsOf(record, time, undefined))
  time += 600_000
  // A call that is over and lacks nothing is not asked about: here it is.
  await house.rows(
    `update calls set inquire_at = last_heard_at where id = $1 and ended_at is not null`,
    [id],
  )
  await house.jobs.send(house.database.db, 'calls.reconcile', {})
  house.jobs.wake('calls.reconcile')
  await until(async () => {
    const [row] = await house.rows(
      'select last_heard_at >= $2::timestamptz as asked from calls where id = $1',
      [id, new Date(time).toISOString()],
    )
    return row?.['asked'] === true ? true : undefined
  })
}

/** The call of a sequence, once there is one. */
async function idOf(sid: string): Promise<string | undefined> {
  const [row] = await house.rows('select id from calls where provider_call_id = $1', [sid])
  return row && String(row['id'])
}

for (const { id: name, events, final, note } of await sampleLines<Sequence>('81-sequences.jsonl'))
  test(`${name} (${note}): the call is ${ourWord[name] ?? final}`, async () => {
    const answer = Promise.withResolvers<void>()
    nextGate = answer.promise
    const isOurs = !name.startsWith('inbound')
    const placed = isOurs ? await house.place('+919999900002') : undefined
    if (placed !== undefined) await until(async () => gates.has(placed.id) || undefined)
    const sid = placed === undefined ? `ca1y${name.replaceAll('-', '')}` : sidOf(placed.id)
    const connect = async () => {
      answer.resolve()
      const text = `select 1 from audit_logs where event_type = 'CALL_PLACED' and resource_id = $1`
      await until(async () => (await house.rows(text, [placed?.id])).length > 0 || undefined)
    }

    const told = new Set<string>()
    for (const event of events) {
      const number = typeof event === 'string' ? event : event.from
      const id = placed?.id ?? (await idOf(sid))
      if (number === '02') await connect()
      else if (number.startsWith('5')) await reconcile(number, sid, id ?? '')
      else {
        const sample = sampleNames.find((one) => one.startsWith(number)) ?? ''
        // Another sample of the collection speaks of another call: here of this one.
        const message = await sampleMessage(sample, { sid, ...(id !== undefined && { id }) })
        expect((await house.send(placed?.id, message)).status).toBe(200)
        await house.service.settled()
        told.add(sample)
      }
    }

    const id = placed?.id ?? (await idOf(sid)) ?? ''
    const status = ourWord[name] ?? final
    const call = await house.read(id)
    expect(call).toMatchObject({ status, ...ends[name], providerCallId: sid } as object)
    expect(call.events.filter(({ source }) => source === 'callback')).toHaveLength(told.size)
    // The provider's answer may be later than all of them.
    if (isOurs) await connect()
    expect(await house.read(id)).toMatchObject({ status, ...ends[name] } as object)
  })

test('a call of which nothing more is heard is finished by reconciliation', async () => {
  nextGate = Promise.resolve()
  const { id } = await house.place('+919999900002')
  await until(async () => (await house.read(id)).status === 'ringing' || undefined)
  const message = await sampleMessage('17-callback-answered-leg1.json', { sid: sidOf(id), id })
  await house.send(id, message)
  await house.service.settled()
  await reconcile('50', sidOf(id), id)
  expect(await house.read(id)).toMatchObject({ status: 'completed', durationSeconds: 320 })
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
