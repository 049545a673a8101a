/** Messages of the provider while the database is away: none is lost, and none counts twice. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { eventually } from '../support/process.ts'
import { type ProxiedCaly, startProxiedCaly } from '../support/proxied.ts'

const secret = 'a-webhook-secret-of-an-outage'

let started: ProxiedCaly
let direct: Awaited<ReturnType<typeof openDatabaseOf>>

beforeAll(async () => {
  started = await startProxiedCaly({ CALY_PROVIDER: 'simulator', EXOTEL_WEBHOOK_SECRET: secret })
  const env = { DATABASE_URL: started.databaseUrl }
  direct = await openDatabaseOf({ dataDir: started.caly.dataDir, env })
}, 60_000)
afterAll(async () => {
  await direct.close()
  await started.close()
}, 60_000)

const tell = (sid: string) =>
  clientOf(started.caly)('POST', `/api/webhooks/exotel/${secret}`, {
    CallSid: sid,
    Status: 'completed',
  })

/** Deliveries of each stored message, the last one first. */
const stored = async () =>
  (
    await direct.query('select deliveries from webhook_events order by received_at desc, id desc')
  ).map(({ deliveries }) => deliveries)

test('what cannot be stored is answered 503, and stored when the provider comes again', async () => {
  const before = await stored()
  await started.proxy.set('refuse')
  const refused = await eventually(
    () => tell('outage1'),
    ({ status }) => status !== 200,
  )
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(refused.body.code).toBe('DATABASE_UNAVAILABLE')
  await started.proxy.set('pass')
  const taken = await eventually(
    () => tell('outage1'),
    ({ status }) => status === 200,
  )
  expect(taken.body).toBe('OK')
  expect((await stored()).length).toBe(before.length + 1)
}, 60_000)

test('what was stored although the answer says 503 is one message, delivered twice', async () => {
  let before = await stored()
  // The service commits work of its own, too: then it was not this one's answer that was lost.
  const unlucky = await eventually(
    async () => {
      before = await stored()
      const lost = started.proxy.cutAt('after', 'commit\0')
      const sid = `outage2${before.length}`
      const { status } = await tell(sid)
      await lost
      return { sid, status }
    },
    ({ status }) => status === 503,
  )
  await eventually(
    () => tell(unlucky.sid),
    ({ status }) => status === 200,
  )
  const after = await stored()
  expect(after.length).toBe(before.length + 1)
  expect(after[0]).toBeGreaterThanOrEqual(2)
}, 60_000)
