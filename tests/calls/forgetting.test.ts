/** Messages of no call are not kept for ever: they may hold the numbers of people. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { queues } from '../../src/calls/context.ts'
import { forgetMessages } from '../../src/calls/forget-messages.ts'
import { type House, openHouse, until } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const day = 24 * 3_600_000
const states = async () =>
  (await house.rows('select distinct state from webhook_events order by state')).map(
    ({ state }) => state,
  )

/** The callbacks of one call, and messages that are nobody's, unusable, and unreadable. */
async function receive(): Promise<void> {
  const { id } = await house.place('+919999910010')
  await house.ended(id)
  const strangers = crypto.randomUUID().replaceAll('-', '')
  const bodies = [
    JSON.stringify({ CallSid: strangers, Status: 'busy', To: '+919876512345' }),
    JSON.stringify({ Status: 'busy', To: '+919876512345', Word: strangers }),
    `{ no JSON ${strangers}`,
  ]
  for (const body of bodies) {
    const headers = { 'content-type': 'application/json' }
    expect((await house.callback(undefined, { body, headers })).status).toBe(200)
  }
  await house.service.settled()
}

test('messages of no call are kept for 30 days, and not a day longer; those of a call stay', async () => {
  await receive()
  expect(await states()).toEqual(['applied', 'ignored', 'malformed', 'unmatched'])
  const { db } = house.database
  const { audit } = house.service.context
  expect(await forgetMessages(db, audit, Date.now() + 29 * day)).toBe(0)
  expect(await forgetMessages(db, audit, Date.now() + 31 * day)).toBe(3)
  expect(await states()).toEqual(['applied'])
})

test('the sweep of a running service forgets them', async () => {
  await receive()
  await house.rows(`update webhook_events set received_at = received_at - interval '31 days'`)
  const { jobs, database } = house
  await jobs.send(database.db, queues.sweep, {})
  jobs.wake(queues.sweep)
  await until(async () => ((await states()).length === 1 ? true : undefined))
  expect(await states()).toEqual(['applied'])
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
