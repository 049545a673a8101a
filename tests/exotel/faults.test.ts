/** Answers of Exotel that come while the database is away: they are written down when it is back. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Client } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type ExotelStandIn, exotelStandIn } from '../support/exotel.ts'
import { eventually } from '../support/process.ts'
import { type ProxiedCaly, startProxiedCaly } from '../support/proxied.ts'

setDefaultTimeout(60_000)

let exotel: ExotelStandIn
let started: ProxiedCaly
let direct: Awaited<ReturnType<typeof openDatabaseOf>>
let admin: Client

beforeAll(async () => {
  exotel = await exotelStandIn({ slowBy: 2000 })
  started = await startProxiedCaly({
    ...exotel.env,
    // Nobody asks about silent calls here: only the answer itself can tell.
    RECONCILE_AFTER: '10m',
    // A statement fails before the database is back.
    DB_CONNECTION_TIMEOUT: '500ms',
  })
  const env = { DATABASE_URL: started.databaseUrl }
  direct = await openDatabaseOf({ dataDir: started.caly.dataDir, env })
  admin = started.admin
})
afterAll(async () => {
  await direct.close()
  await started.close()
  await exotel.close()
})

/** Places a call whose answer comes while the database is away. */
async function placeMeanwhile(to: string, faults: object): Promise<string> {
  exotel.simulator.setFaults({ slow: 1, 'callback-lost': 1, ...faults })
  const { body } = await admin('POST', '/api/calls', { from: '+919876543210', to })
  await eventually(
    async () => exotel.simulator.posts(body.id),
    (posts) => posts === 1,
  )
  await started.proxy.set('refuse')
  await new Promise((resolve) => setTimeout(resolve, 3000))
  exotel.simulator.setFaults({ 'callback-lost': 1 })
  await started.proxy.set('pass')
  return body.id
}

const row = async (id: string) =>
  (await direct.query('select status, provider_call_id as sid from calls where id = $1', [id]))[0]

test('the name that Exotel gave a call is kept', async () => {
  const id = await placeMeanwhile('+919812345001', {})
  const found = await eventually(
    () => row(id),
    (call) => call?.['sid'] !== null,
    20_000,
  )
  const [played] = exotel.simulator.calls().filter(({ customField }) => customField === id)
  expect(found).toEqual({ status: 'ringing', sid: played?.sid })
  expect(exotel.simulator.posts(id)).toBe(1)
})

test('a call that was put off (429) is asked for again', async () => {
  const id = await placeMeanwhile('+919812345002', { 'rate-limited': 1 })
  await eventually(
    async () => exotel.simulator.posts(id),
    (posts) => posts === 2,
    20_000,
  )
  expect(
    await eventually(
      () => row(id),
      (call) => call?.['status'] === 'ringing',
    ),
  ).toBeDefined()
})
