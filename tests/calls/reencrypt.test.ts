/** The mechanism of a rotation's last step; tests/security/rotation.test.ts shows it from outside. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { createKeyring } from '../../db/keyring.ts'
import { type Call, type CallProvider, reencrypt } from '../../src/calls/index.ts'
import { vault } from '../../src/calls/vault.ts'
import { caller, type House, openHouse, until } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

const newKey = (): string => randomBytes(32).toString('hex')
const [oldKey, key] = [newKey(), newKey()]
const both = createKeyring([key, oldKey])
const alone = createKeyring([key])

/** Takes every call and keeps silent: calls then stay as they are. */
const silent: CallProvider = {
  name: 'exotel',
  place: async ({ id }) => ({ outcome: 'placed', providerCallId: id.replaceAll('-', '') }),
  details: async () => [],
  recording: async () => undefined,
  close: async () => {},
}

let house: House
beforeAll(async () => {
  house = await openHouse({ provider: silent, keys: [oldKey] })
})
afterAll(() => house.close())

const number = '+919999900077'
/** A call that the provider has taken, so that nothing changes it any more. */
async function placed(): Promise<Call> {
  const call = await house.place(number)
  await until(
    async () => ((await house.read(call.id)).status === 'ringing' ? true : undefined),
    30_000,
  )
  return call
}

const sealedRows = async () =>
  (await house.rows('select count(*)::int as n from calls where sealed is not null'))[0]?.['n']

test('every table with a sealed column is moved', async () => {
  const columns = await house.rows(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'sealed'`,
  )
  const moved = await reencrypt({ db: house.database.db, keyring: both })
  expect(moved.map(({ table }) => table).toSorted()).toEqual(
    columns.map(({ name }) => String(name)).toSorted(),
  )
})

test('a run that is cut off leaves every row readable, and the next run ends the work', async () => {
  const total = 150
  await Promise.all(Array.from({ length: total }, placed))
  const stop = new AbortController()
  const cut = reencrypt({
    db: house.database.db,
    keyring: both,
    signal: stop.signal,
    onProgress: (table) => {
      if (table === 'calls') stop.abort(new Error('cut off'))
    },
  })
  expect(await cut.catch((error: unknown) => error)).toEqual(new Error('cut off'))
  const replica = await openHouse({
    beside: house,
    provider: silent,
    jobs: false,
    keys: [key, oldKey],
  })
  try {
    const search = { method: 'POST', json: { number, limit: 100 } }
    const page = await (await replica.request('/api/calls/search', search)).json()
    expect((page as { items: unknown[] }).items).toHaveLength(100)
  } finally {
    await replica.close()
  }
  const rest = await reencrypt({ db: house.database.db, keyring: both })
  expect(rest.find(({ table }) => table === 'calls')).toMatchObject({
    rewritten: total - 100,
    left: 0,
    unreadable: [],
  })
  expect(await sealedRows()).toBe(total)
  const proof = await reencrypt({ db: house.database.db, keyring: alone })
  expect(proof.every(({ rewritten, unreadable }) => rewritten + unreadable.length === 0)).toBe(true)
})

test('a number whose index an old key made is found anew, also where the rest is moved already', async () => {
  const { id } = await placed()
  const secrets = { from: caller, to: number, customField: null, notes: null }
  const { sealed } = vault(alone).callColumns(id, secrets)
  await house.rows('update calls set sealed = $2 where id = $1', [id, sealed])
  const moved = await reencrypt({ db: house.database.db, keyring: both })
  expect(moved.find(({ table }) => table === 'calls')?.rewritten).toBe(1)
  const [row] = await house.rows('select to_index from calls where id = $1', [id])
  expect(Buffer.from(row?.['to_index'] as Uint8Array)).toEqual(
    Buffer.from(vault(alone).number(number)),
  )
})

test('a damaged row, and one that was swapped with another, are named and left alone', async () => {
  const [first, second] = [await placed(), await placed()]
  await house.rows(
    'update calls set sealed = (select sealed from calls where id = $2) where id = $1',
    [first.id, second.id],
  )
  const moved = await reencrypt({ db: house.database.db, keyring: both })
  expect(moved.find(({ table }) => table === 'calls')).toMatchObject({
    rewritten: 1,
    unreadable: [first.id],
    left: 0,
  })
  await house.rows('delete from call_events where call_id = $1', [first.id])
  await house.rows('delete from calls where id = $1', [first.id])
})

test('an erased call stays erased', async () => {
  const { id } = await placed()
  await house.request(`/api/calls/${id}`, { method: 'DELETE' })
  await reencrypt({ db: house.database.db, keyring: both })
  const [row] = await house.rows('select sealed, to_index from calls where id = $1', [id])
  expect(row).toEqual({ sealed: null, to_index: null })
})
