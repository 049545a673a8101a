import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Call } from '../../src/calls/index.ts'
import { caller, type House, openHouse } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const to = '+919876512345'
const customField = 'Frau Mustermann, order 4711'
const notes = 'asked for a call back on Monday'

/** A finished call with all that can be personal about it. */
async function personalCall(): Promise<Call> {
  const headers = { 'idempotency-key': `key ${crypto.randomUUID()}`.replace(' ', '-') }
  const json = { from: caller, to, customField }
  const response = await house.request('/api/calls', { method: 'POST', json, headers })
  const { id } = (await response.json()) as Call
  await house.ended(id)
  await house.service.settled()
  await house.request(`/api/calls/${id}`, { method: 'PATCH', json: { notes, tags: ['vip'] } })
  return await house.read(id)
}

/** Every place in the database, of every table and schema, that holds the text in the clear. */
async function placesOf(text: string): Promise<string[]> {
  const columns = await house.rows(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as table,
       quote_ident(column_name) as column, data_type = 'bytea' as bytes
     from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`,
  )
  const found: string[] = []
  for (const { table, column, bytes } of columns) {
    const readable = bytes ? `encode(${column}, 'escape')` : `${column}::text`
    const hits = await house.rows(
      `select 1 from ${table} where position($1 in ${readable}) > 0 limit 1`,
      [text],
    )
    if (hits.length > 0) found.push(`${table}.${column}`)
  }
  return found
}

test('numbers, custom field and notes stand nowhere in the clear', async () => {
  const call = await personalCall()
  expect(call).toMatchObject({ to, customField, notes, status: 'completed' })
  for (const text of [to.slice(1), caller.slice(1), customField, 'Mustermann', notes])
    expect({ text, places: await placesOf(text) }).toEqual({ text, places: [] })
  // The search does find what is there: the id stands in several tables.
  expect((await placesOf(call.id)).length).toBeGreaterThan(3)
})

test('an erased call is gone from every table, and answers 404', async () => {
  const call = await personalCall()
  const sealed = () =>
    house.rows(
      `select 'call' as what from calls where id = $1
         and (sealed is not null or from_index is not null or to_index is not null or tags <> '{}')
       union all select 'webhook' from webhook_events where call_id = $1 and sealed is not null
       union all select 'answer' from idempotency_keys where call_id = $1 and sealed is not null`,
      [call.id],
    )
  expect((await sealed()).length).toBeGreaterThan(3)
  const response = await house.request(`/api/calls/${call.id}`, { method: 'DELETE' })
  expect(response.status).toBe(204)
  expect(await sealed()).toEqual([])
  expect(await placesOf(call.providerCallId ?? '')).toEqual([])
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['GET', '/recording'],
  ] as const) {
    const json = method === 'PATCH' ? { notes: 'x' } : undefined
    const gone = await house.request(`/api/calls/${call.id}${path}`, { method, json })
    expect({ method, status: gone.status }).toEqual({ method, status: 404 })
  }
  const search = await house.request('/api/calls/search', { method: 'POST', json: { number: to } })
  const { items } = (await search.json()) as { items: Call[] }
  expect(items.map(({ id }) => id)).not.toContain(call.id)
})

test('what is sealed stands where erasure looks for it, and nowhere else', async () => {
  const columns = await house.rows(
    `select table_name || '.' || column_name as column from information_schema.columns
     where data_type = 'bytea' and column_name like '%sealed%' order by 1`,
  )
  // Whoever adds one has it erased, and says so in the test above.
  expect(columns.map(({ column }) => column)).toEqual([
    'calls.sealed',
    'idempotency_keys.sealed',
    'webhook_events.sealed',
  ])
})

test('a late callback changes nothing of an erased call, and leaves no trace of its content', async () => {
  const call = await personalCall()
  const message = { CallSid: call.providerCallId, Status: 'busy', To: to, Late: 'yes' }
  await house.request(`/api/calls/${call.id}`, { method: 'DELETE' })
  const row = () => house.rows('select * from calls where id = $1', [call.id])
  const before = await row()
  const body = JSON.stringify(message)
  // By our own address, and by one from the dashboard, which only the provider's id connects.
  for (const id of [call.id, undefined])
    expect((await house.callback(id, { body })).status).toBe(200)
  await house.service.settled()
  expect(await row()).toEqual(before)
  const stored = await house.rows(
    `select state, sealed from webhook_events where call_id = $1 order by received_at desc limit 2`,
    [call.id],
  )
  expect(stored).toEqual([
    { state: 'erased', sealed: null },
    { state: 'erased', sealed: null },
  ])
})

test('a request with the key of an erased call is answered 404, and places nothing', async () => {
  const headers = { 'idempotency-key': 'erased-4711' }
  const json = { from: caller, to }
  const send = () => house.request('/api/calls', { method: 'POST', json, headers })
  const { id } = (await (await send()).json()) as Call
  await house.ended(id)
  await house.request(`/api/calls/${id}`, { method: 'DELETE' })
  const again = await send()
  expect(again.status).toBe(404)
})

test('a sealed blob moved to another row does not open there', async () => {
  const [one, other] = [await personalCall(), await personalCall()]
  await house.rows(
    'update calls set sealed = (select sealed from calls where id = $1) where id = $2',
    [one.id, other.id],
  )
  expect((await house.request(`/api/calls/${other.id}`)).status).toBe(500)
  expect(house.errors.splice(0).map(String)).toEqual([
    'SealedFieldError: The sealed calls.sealed cannot be opened: altered',
  ])
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
