/** Makes everything happen that Caly measures, the bad too, in less than a minute. */
import { recordOf } from '../scans/own-registry.ts'
import { clientOf } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually } from '../support/process.ts'
import { metricsToken, type Stage, scrapeInterval } from './stage.ts'

const attack = encodeURIComponent("' OR '1'='1' -- ")

/** Drives all of it. What is slow by itself begins first. */
export async function drive(stage: Stage): Promise<void> {
  const scanned = scan(stage)
  await calls(stage)
  // While its database is there: what it found is read once then, and anew a minute later.
  await scanned
  await strangers(stage)
  await busyDatabase(stage)
  await redisAway(stage)
  await databaseAway(stage)
  await deafCollector(stage)
  await providerAway(stage)
}

/** A scan that finds something new. */
async function scan({ admin, registry }: Stage): Promise<void> {
  registry.records.push(recordOf('GHSA-0000-0000-0001', 'elysia', 'CRITICAL'))
  const { body } = await admin('POST', '/api/scans')
  await eventually(
    () => admin('GET', `/api/scans/${body.id}`),
    (answer) => answer.body.status === 'complete',
    60_000,
  )
}

/** Calls to every end, one that is asked for again, and one whose answer is lost. */
async function calls({ admin, exotel, caly }: Stage): Promise<void> {
  const place = (to: string) =>
    admin('POST', '/api/calls', { from: '+919876543210', to, record: true })
  const placed = await Promise.all(
    ['4711', '0001', '0002', '0003', '0005'].map((ending) => place(`+91981234${ending}`)),
  )
  const ended = (id: string) =>
    eventually(
      () => admin('GET', `/api/calls/${id}`),
      ({ body }) => body.endedAt !== null,
      20_000,
    )
  for (const { body } of placed) await ended(body.id)
  // A histogram appears with its first value: what it counts is seen from the second scrape on.
  await untilFigure(caly, 'caly_webhook_lag_seconds_count', (callbacks) => callbacks > 0)
  exotel.simulator.setFaults({ 'rate-limited': 1 })
  const { body: again } = await place('+919812344712')
  await eventually(
    async () => exotel.simulator.posts(again.id),
    (posts) => posts > 0,
  )
  exotel.simulator.setFaults({ 'lost-answer': 1 })
  const { body: lost } = await place('+919812344713')
  await ended(lost.id)
  exotel.simulator.setFaults({})
}

/** Logins of all kinds up to the limit, attacks, a missing scope, and what is not there. */
async function strangers({ admin, caly }: Stage): Promise<void> {
  const stranger = clientOf(caly)
  const guess = { email: 'nobody@example.com', password: 'not the one' }
  // Where Redis was slow for a moment, each side has counted a part: then it takes more than ten.
  for (let status = 0, attempt = 0; status !== 429 && attempt < 40; attempt++)
    ({ status } = await stranger('POST', '/api/auth/login', guess))
  await admin('GET', `/api/calls?status=${attack}`)
  await stranger('GET', `/api/calls?status=${attack}`)
  await stranger('GET', '/nothing-here')
  await admin('POST', '/api/users', {
    email: 'auditor@example.com',
    name: 'Auditor',
    role: 'auditor',
    password: 'a long enough password of theirs',
  })
  await admin('POST', '/api/calls', { from: '12' })
}

/** A lock holds up queries until they are cut off, the pool is empty, and more is asked at a time. */
async function busyDatabase({ admin, databaseUrl, caly }: Stage): Promise<void> {
  const database = await openDatabaseOf({ ...caly, env: { DATABASE_URL: databaseUrl } })
  await database.holding('lock table calls in access exclusive mode', () =>
    Promise.all(Array.from({ length: 40 }, () => admin('GET', '/api/calls'))),
  )
  await database.close()
}

/** While the database is silent, audit events go to the disk, and jobs fail. */
async function databaseAway({ proxy, caly }: Stage): Promise<void> {
  await proxy.set('swallow')
  // The first of its kind: later ones are only counted.
  await clientOf(caly)('POST', '/api/webhooks/exotel/not-the-secret', {})
  await untilFigure(caly, 'caly_audit_spool_size_bytes', (bytes) => bytes > 0)
  await proxy.set('pass')
  await untilFigure(caly, 'caly_audit_spool_size_bytes', (bytes) => bytes === 0)
}

/** Without Redis each replica counts alone. */
async function redisAway({ redis, caly }: Stage): Promise<void> {
  redis.hang()
  await untilFigure(caly, 'caly_rate_limit_shared', (shared) => shared === 0)
  redis.resume()
}

/** The provider fails until it is left alone. */
async function providerAway({ admin, exotel, caly }: Stage): Promise<void> {
  exotel.simulator.setFaults({ error: 1 })
  for (let call = 0; call < 8; call++)
    await admin('POST', '/api/calls', { from: '+919876543210', to: `+91981235000${call}` })
  await untilFigure(caly, 'caly_provider_circuit{caly_circuit_state="open"}', (open) => open === 1)
}

/** Asks until the figure is right, and has been scraped like that. */
async function untilFigure(caly: Caly, name: string, good: (value: number) => boolean) {
  const ask = clientOf(caly, metricsToken)
  const value = async () => {
    const { body } = await ask('GET', '/metrics')
    const line = String(body)
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
    return Number(line?.split(' ')[1])
  }
  await eventually(value, good, 20_000)
  await new Promise((resolve) => setTimeout(resolve, 1000 * scrapeInterval))
}

/** The collector takes its time, and there is more to tell than there is room for. */
async function deafCollector({ admin, sink }: Stage): Promise<void> {
  sink.behave({ delay: 3000 })
  for (let round = 0; round < 8; round++)
    await Promise.all(Array.from({ length: 20 }, () => admin('GET', '/api/calls?limit=1')))
  sink.behave({})
}
