/** Whom callbacks are taken from: by the secret in the path, and by address where that is asked for. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type House, type HouseOptions, openHouse } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

const [newer, older] = ['the-newer-secret-of-two', 'the-older-secret-of-two']

/** The first house holds the database; the others are replicas beside it. */
let house: House
let listed: House
let proxied: House
beforeAll(async () => {
  house = await openHouse({ webhookSecrets: [newer, older] })
  const beside = (options: HouseOptions) =>
    openHouse({ beside: house, jobs: false, webhookSecrets: [newer, older], ...options })
  listed = await beside({ callbackAddresses: ['192.0.2.0/24'] })
  proxied = await beside({
    callbackAddresses: ['192.0.2.0/24', '2001:db8::/32'],
    proxies: ['127.0.0.0/8', '::1'],
  })
})
afterAll(async () => {
  for (const each of [proxied, listed, house]) await each.close()
})

const post = (at: House, secret: string, headers: Record<string, string> = {}) =>
  fetch(new URL(`/api/webhooks/exotel/${secret}`, at.base), {
    method: 'POST',
    headers,
    body: JSON.stringify({ CallSid: 'x', Status: secret, At: headers['x-forwarded-for'] }),
  })

const rejected = async (reason: string) =>
  await house.rows(
    `select details from audit_logs where event_type = 'WEBHOOK_REJECTED'
     and details->>'reason' = $1`,
    [reason],
  )

const stored = async () =>
  (await house.rows('select 1 from webhook_events where call_id is null')).length

test('of two secrets both are taken, the first is handed out, and no third is', async () => {
  expect((await post(house, newer)).status).toBe(200)
  expect((await post(house, older)).status).toBe(200)
  for (const wrong of [`${newer},${older}`, newer.slice(1), `${older}x`, ''])
    expect((await post(house, wrong)).status).toBe(404)
  const id = '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00'
  const address = new URL(house.service.context.addresses.urlFor(id))
  expect(address.pathname).toBe(`/api/webhooks/exotel/${newer}`)
})

test('what comes to an address with the older secret is about the call that it names', async () => {
  const { id } = await house.place('+919999900010')
  const { search } = new URL(house.service.context.addresses.urlFor(id))
  const address = new URL(`/api/webhooks/exotel/${older}${search}`, house.base)
  expect((await fetch(address, { method: 'POST', body: 'Told=older' })).status).toBe(200)
  await house.service.settled()
  const about = `select reason from webhook_events where call_id = $1 and reason is not null`
  expect(await house.rows(about, [id])).toEqual([{ reason: 'no_call_id' }])
})

test('where addresses are listed, a right secret from elsewhere is answered like a wrong one, and recorded', async () => {
  const before = await stored()
  const wrong = await post(listed, 'a-wrong-secret-of-some-length')
  const foreign = await post(listed, newer)
  expect(foreign.status).toBe(404)
  const { requestId: _, ...answer } = (await foreign.json()) as Record<string, unknown>
  const { requestId: __, ...expected } = (await wrong.json()) as Record<string, unknown>
  expect(answer).toEqual(expected)
  for (let more = 0; more < 3; more += 1) expect((await post(listed, older)).status).toBe(404)
  expect(await stored()).toBe(before)
  expect(await rejected('foreign_address')).toEqual([
    { details: { provider: 'simulator', reason: 'foreign_address' } },
  ])
})

test('the address is the one that a trusted proxy tells, IPv6 and mapped IPv4 too', async () => {
  const from = async (address: string) =>
    (await post(proxied, newer, { 'x-forwarded-for': address })).status
  for (const address of ['192.0.2.7', '::ffff:192.0.2.8', '2001:db8:1::9', '10.0.0.1, 192.0.2.7'])
    expect([address, await from(address)]).toEqual([address, 200])
  for (const address of ['198.51.100.7', '2001:db9::1', '192.0.2.7, 198.51.100.7', 'unknown'])
    expect([address, await from(address)]).toEqual([address, 404])
})

test('a header that no trusted proxy wrote lets nobody in', async () => {
  expect((await post(listed, newer, { 'x-forwarded-for': '192.0.2.7' })).status).toBe(404)
})

test('neither secret stands in the audit trail', async () => {
  for (const secret of [newer, older])
    expect(
      await house.rows('select event_type from audit_logs where strpos(audit_logs::text, $1) > 0', [
        secret,
      ]),
    ).toEqual([])
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
