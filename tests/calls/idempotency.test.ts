import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Call } from '../../src/calls/index.ts'
import { isPostgres } from '../support/database.ts'
import { caller, type House, openHouse } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

let house: House
let second: House
beforeAll(async () => {
  house = await openHouse()
  second = await openHouse({ beside: house })
})
afterAll(async () => {
  await second.close()
  await house.close()
})

const body = { from: caller, to: '+919999900010', customField: 'order 4711' }

const post = (key: string, json: object = body, more: { client?: string; on?: House } = {}) =>
  (more.on ?? house).request('/api/calls', {
    method: 'POST',
    json,
    headers: { 'idempotency-key': key },
    ...(more.client !== undefined && { client: more.client }),
  })

const callsOf = (ids: readonly string[]) =>
  house.rows('select id from calls where id = any($1)', [[...new Set(ids)]])

test('twenty posts at once with one key, over two replicas, place one call', async () => {
  const before = (await house.rows('select 1 from calls')).length
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      post('twenty', body, { on: index % 2 ? house : second }),
    ),
  )
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([202]))
  const bodies = await Promise.all(responses.map((response) => response.text()))
  expect(new Set(bodies).size).toBe(1)
  const replayed = responses.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')
  expect(replayed).toHaveLength(19)
  expect((await house.rows('select 1 from calls')).length - before).toBe(1)
  const { id } = JSON.parse(bodies[0] ?? '') as Call
  expect((await house.ended(id)).status).toBe('completed')
  const placed = await house.rows(
    `select 1 from audit_logs where event_type = 'CALL_PLACED' and resource_id = $1`,
    [id],
  )
  expect(placed).toHaveLength(1)
})

test('the same key and body get the first answer again, also once the call has moved on', async () => {
  const first = await post('again')
  expect(first.headers.get('idempotent-replayed')).toBeNull()
  const call = (await first.json()) as Call
  await house.ended(call.id)
  const again = await post('again', { ...body, record: false })
  expect(again.status).toBe(202)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(await again.json()).toEqual(call)
})

test('the same key with another body is a mistake', async () => {
  await post('mismatch')
  const response = await post('mismatch', { ...body, to: '+919999900011' })
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' })
})

test("another client's key is its own", async () => {
  const client = await house.newClient('other')
  const mine = (await (await post('shared')).json()) as Call
  const theirs = (await (await post('shared', body, { client })).json()) as Call
  expect(await callsOf([mine.id, theirs.id])).toHaveLength(2)
})

test('without a key every post is a call', async () => {
  const one = await house.place('+919999900010')
  const other = await house.place('+919999900010')
  expect(one.id).not.toBe(other.id)
})

test('a refused request leaves no key behind', async () => {
  const refused = await post('refused', { ...body, to: 'nobody' })
  expect(refused.status).toBe(422)
  expect((await post('refused')).status).toBe(202)
})

// The embedded database lets one transaction go on at a time: there is no twin to wait for.
if (isPostgres)
  test('a twin that does not come to an end is answered 409 after a while', async () => {
    const twin = await house.database.client.connect()
    await twin.query('begin')
    await twin.query(
      `insert into idempotency_keys (client_id, key_hash, request_hash, expires_at)
       values ($1, sha256('stuck'), '', now() + interval '1 day')`,
      [house.clientId],
    )
    const response = await post('stuck')
    expect(response.status).toBe(409)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.json()).toMatchObject({ code: 'IDEMPOTENCY_IN_FLIGHT' })
    await twin.query('rollback')
    twin.release()
    expect((await post('stuck')).status).toBe(202)
  })

test('a key whose day has passed is free again, and the sweep forgets it', async () => {
  const first = (await (await post('expired')).json()) as Call
  await house.rows(
    `update idempotency_keys set expires_at = now() - interval '1 second' where call_id = $1`,
    [first.id],
  )
  const later = await post('expired')
  expect(later.headers.get('idempotent-replayed')).toBeNull()
  expect(((await later.json()) as Call).id).not.toBe(first.id)
})

for (const key of ['ü', 'a b', 'x'.repeat(256)])
  test(`the key ${JSON.stringify(key.slice(0, 8))}${key.length > 8 ? '…' : ''} is refused`, async () => {
    const response = await house.request('/api/calls', {
      method: 'POST',
      json: body,
      headers: { 'idempotency-key': key },
    })
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ path: 'headers.idempotency-key' }] })
  })

test('a stored answer and its key are not readable in the database', async () => {
  await post('secret-key-4711', { ...body, customField: 'secret 4711' })
  const [row] = await house.rows(
    `select string_agg(encode(sealed, 'escape') || encode(key_hash, 'escape'), '') as text
     from idempotency_keys`,
  )
  expect(row?.['text']).not.toContain('4711')
})

test('nothing went wrong unseen', () => {
  expect(house.errors).toEqual([])
  expect(second.errors).toEqual([])
})
