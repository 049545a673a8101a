/** Scans of a running service, as those see it who may: over HTTP, in the trail, in the metrics. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { newTenant, platformTenant, startStrict, type Tenant } from '../security/cast.ts'
import { adminOf, type Client } from '../support/client.ts'
import { isPostgres, openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, freePort, startCaly } from '../support/process.ts'
import { recordOf, startOwnRegistry } from './own-registry.ts'

setDefaultTimeout(120_000)

let own: Awaited<ReturnType<typeof startOwnRegistry>>
let caly: Caly
let platform: Tenant
let admin: Client
beforeAll(async () => {
  own = await startOwnRegistry()
  caly = (await startStrict(own.env)).caly
  platform = await platformTenant(caly)
  admin = platform.users.admin.ask
})
afterAll(async () => {
  await caly.stop()
  await own.registry.close()
})

/** Asks for a scan, and waits for its end. */
async function scan(ask = admin) {
  const { status, body, headers } = await ask('POST', '/api/scans')
  expect([status, body.status]).toEqual([202, 'running'])
  expect(headers.get('location')).toBe(`/api/scans/${body.id}`)
  return await ended(body.id, ask)
}

async function ended(id: string, ask = admin) {
  const { body } = await eventually(
    () => ask('GET', `/api/scans/${id}`),
    ({ body }) => body.status !== 'running',
    100_000,
  )
  return body
}

const listed = async (query = '') =>
  (await admin('GET', `/api/vulnerabilities?limit=100${query}`)).body.items

async function trail(type: string) {
  const { body } = await admin('GET', `/api/audit?limit=100&eventType=${type}`)
  return body.items
}

async function metric(name: string, label = '') {
  const { body } = await admin('GET', '/metrics')
  const line = new RegExp(`^${name}(?:\\{[^}]*${label}[^}]*\\})? (\\S+)`, 'm').exec(String(body))
  return line === null ? undefined : Number(line[1])
}

/** The number of open ones, once this process has looked. */
const openIs = (name: string, count: number) =>
  eventually(
    () => metric('caly_vulnerabilities_open', severity(name)),
    (value) => value === count,
  )

const severity = (name: string) => `caly_vulnerability_severity="${name}"`

test('a project of which nothing is known is clean, and every package was asked about', async () => {
  expect(await metric('caly_scan_age_seconds')).toBeUndefined()
  const done = await scan()
  expect(done).toMatchObject({ status: 'complete', trigger: 'api', error: null, new: 0, fixed: 0 })
  expect(done.counts).toEqual({ critical: 0, high: 0, moderate: 0, low: 0, unknown: 0 })
  expect(done.packages).toBeGreaterThan(200)
  const asked = own.registry.requests.find(({ part }) => part === 'bulk')
  expect(Object.keys(JSON.parse(asked?.body ?? '{}')).length).toBeGreaterThan(100)
  expect(await listed()).toEqual([])
})

test('a vulnerability appears with the way to it and out of it, and is fixed once it is gone', async () => {
  own.records.push(recordOf('GHSA-2222-cccc-ffff', 'jose', 'CRITICAL'))
  own.records.push({
    ...recordOf('GHSA-3333-gggg-hhhh', 'hash-wasm', 'HIGH'),
    aliases: ['CVE-2026-4711'],
  })
  const found = await scan()
  expect(found).toMatchObject({ status: 'complete', counts: { critical: 1, high: 1 }, fixed: 0 })
  expect(found.new).toBe(found.counts.critical + found.counts.high)
  const [worst, next] = await listed()
  expect(worst).toMatchObject({
    ...{ package: 'jose', severity: 'critical', advisory: 'GHSA-2222-cccc-ffff', dev: false },
    ...{ title: 'Something is wrong with jose', fixedAt: null, fixedIn: '99.0.0' },
    remedy: { kind: 'direct', package: 'jose', version: '99.0.0', breaking: true, leaves: [] },
    firstSeenAt: found.finishedAt,
  })
  expect(worst.remedy.commands.join()).toContain('jose@99.0.0')
  expect(found.outdated).toBe(1)
  expect(worst.path.at(-1)).toMatch(/^jose@\d/)
  expect(next).toMatchObject({
    package: 'hash-wasm',
    aliases: expect.arrayContaining(['CVE-2026-4711']),
  })
  expect(await listed('&severity=high')).toHaveLength(1)
  expect(await listed('&package=hash-wasm')).toEqual([next])
  expect(await listed('&status=fixed')).toEqual([])
  await openIs('critical', 1)
  expect(await metric('caly_vulnerabilities_found_total', severity('critical'))).toBe(1)
  expect(await metric('caly_scan_age_seconds')).toBeLessThan(60)
  expect(await trail('VULNERABILITY_FOUND_CRITICAL')).toMatchObject([
    { severity: 'CRITICAL', resourceType: 'vulnerability', resourceId: worst.id },
  ])

  own.records.splice(0, 1)
  const fixed = await scan()
  expect(fixed).toMatchObject({ status: 'complete', counts: { critical: 0, high: 1 }, fixed: 1 })
  expect(await listed()).toMatchObject([{ id: next.id, lastSeenAt: fixed.finishedAt }])
  expect(await listed('&status=fixed')).toMatchObject([{ id: worst.id, fixedAt: fixed.finishedAt }])
  expect((await listed('&status=all')).map(({ id }: { id: string }) => id)).toEqual([
    next.id,
    worst.id,
  ])
  await openIs('critical', 0)
  expect(await metric('caly_vulnerabilities_fixed_total', severity('critical'))).toBe(1)
  expect(await trail('VULNERABILITY_FIXED')).toMatchObject([{ resourceId: worst.id }])
})

test('while nobody answers, a scan is incomplete and says so, and what was known stands', async () => {
  const before = await listed()
  expect(before).toHaveLength(1)
  own.registry.break({ kind: 'status', status: 410 })
  const outage = await scan()
  own.registry.mend()
  expect(outage).toMatchObject({ status: 'incomplete', counts: { high: 1 }, new: 0, fixed: 0 })
  expect(outage.error).toMatch(/\w+ .*410/)
  // What the registry says in its error is a stranger's text.
  expect(outage.error).not.toContain('made up')
  expect(await listed()).toEqual(before)
  expect(await trail('SCAN_INCOMPLETE')).toMatchObject([
    { severity: 'WARNING', outcome: 'failure', resourceId: outage.id },
  ])
  expect(await metric('caly_scans_total', 'caly_scan_status="incomplete"')).toBe(1)
})

test('two who ask at the same time are told of one scan', async () => {
  const both = await Promise.all([1, 2, 3].map(() => admin('POST', '/api/scans', {})))
  expect(both.map(({ status }) => status)).toEqual([202, 202, 202])
  expect(new Set(both.map(({ body }) => body.id)).size).toBe(1)
  await ended(both[0]?.body.id)
  const started = (await trail('SCAN_STARTED')).map(
    ({ resourceId }: { resourceId: string }) => resourceId,
  )
  expect(new Set(started).size).toBe(started.length)
})

test('a start takes nothing that says what to scan', async () => {
  for (const body of [{ path: '/etc' }, { folder: '.' }, [], '"/etc"'])
    expect((await admin('POST', '/api/scans', body)).status).toBe(422)
})

test('the list of scans comes in pages, newest first', async () => {
  const { body: all } = await admin('GET', '/api/scans?limit=100')
  const ids: string[] = []
  let cursor = ''
  do {
    const { body } = await admin('GET', `/api/scans?limit=2${cursor}`)
    ids.push(...body.items.map(({ id }: { id: string }) => id))
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  expect(ids).toEqual(all.items.map(({ id }: { id: string }) => id))
  expect(ids).toEqual(ids.toSorted().reverse())
  expect((await admin('GET', '/api/scans/nonsense')).status).toBe(404)
})

test("another client's admin is refused, and the platform's own may each do what their role says", async () => {
  const other = await newTenant(caly, 'other')
  const { id } = await scan()
  for (const path of ['/api/scans', `/api/scans/${id}`, '/api/vulnerabilities'])
    expect([path, (await other.users.admin.ask('GET', path)).status]).toEqual([path, 403])
  expect((await other.users.admin.ask('POST', '/api/scans')).status).toBe(403)
  for (const role of ['operator', 'auditor'] as const) {
    const { ask } = platform.users[role]
    expect((await ask('GET', '/api/vulnerabilities')).status).toBe(200)
    expect((await ask('POST', '/api/scans')).status).toBe(403)
  }
})

test('a scan asks none but the registry and OSV, and tells them names and versions alone', async () => {
  const { requests } = own.registry
  requests.length = 0
  await scan()
  for (const { headers, body, path } of requests) {
    expect(headers['authorization']).toBeUndefined()
    expect(headers['traceparent']).toBeUndefined()
    for (const word of [caly.admin.password, caly.admin.email, caly.dataDir])
      expect([path, body.includes(word)]).toEqual([path, false])
  }
})

/** What an advisory says that wants to get somewhere. */
const canary = 'canary-7d2e1f'

test('what an advisory says forges no line of the log', async () => {
  own.records.push({
    ...recordOf('GHSA-4444-jjjj-mmmm', 'elysia', 'LOW'),
    summary: `x\n{"level":"error","msg":"${canary}"}\u001b[31m`,
  })
  await scan()
  expect((await listed('&package=elysia'))[0].title).toContain(canary)
  expect((await listed('&package=elysia'))[0].title).not.toContain('\n')
  for (const line of caly.output().split('\n'))
    expect(line.startsWith('{"level":"error"')).toBe(false)
})

/** A service of its own that is in the middle of a scan, which nobody answers. */
async function scanning() {
  const first = await startCaly({ env: { ...own.env, PORT: String(await freePort()) } })
  own.registry.requests.length = 0
  own.registry.break({ kind: 'hang' })
  const { body } = await (await adminOf(first))('POST', '/api/scans')
  await eventually(
    async () => own.registry.requests.length,
    (count) => count > 0,
  )
  return { first, id: String(body.id) }
}

/** What a process has left that did not come to the end of its scan. */
async function leftOf(first: Caly) {
  const database = await openDatabaseOf(first)
  const found = [
    await database.query('select status, finished_at, counts, packages from scans'),
    await database.query('select 1 from vulnerabilities'),
  ]
  await database.close()
  return found
}

const running = { status: 'running', finished_at: null, counts: null, packages: null }

/** Starts the service again, has the scan end, and says what the trail has of it. */
async function takenUp(first: Caly, id: string) {
  own.registry.mend()
  const second = await startCaly({ env: first.env })
  expect(await ended(id, await adminOf(second))).toMatchObject({ status: 'complete' })
  const database = await openDatabaseOf(second)
  const events = await database.query(
    `select event_type from audit_logs where event_type like 'SCAN_%' order by id`,
  )
  await database.close()
  await second.stop()
  return events.map(({ event_type: type }) => type)
}

test('a kill in mid-scan leaves a scan that runs, which the next process takes up', async () => {
  const { first, id } = await scanning()
  first.child.kill('SIGKILL')
  await first.exited()
  expect(await leftOf(first)).toEqual([[running], []])
  expect(await takenUp(first, id)).toEqual(['SCAN_STARTED', 'SCAN_COMPLETED'])
  await first.stop()
})

test('a stop in mid-scan is no slower for it, and the next process takes the scan up', async () => {
  const { first, id } = await scanning()
  const before = performance.now()
  first.child.kill('SIGTERM')
  expect(await first.exited()).toBe(0)
  expect(performance.now() - before).toBeLessThan(5000)
  expect(await leftOf(first)).toEqual([[running], []])
  expect(await takenUp(first, id)).toEqual(['SCAN_STARTED', 'SCAN_COMPLETED'])
  await first.stop()
})

// The embedded database has one process.
if (isPostgres)
  test('two replicas that come up after the hour of the schedule make up for it once', async () => {
    const env = { ...own.env, SCAN_SCHEDULE: '0 3 * * *' }
    const first = await startCaly({ env })
    first.child.kill('SIGTERM')
    await first.exited()
    const database = await openDatabaseOf(first)
    // As if nobody had been there for two days.
    await database.query(`update pgboss.version set cron_on = now() - interval '2 days'`)
    await database.query(`update pgboss.schedule set created_on = now() - interval '3 days'`)
    const start = async () => startCaly({ env: { ...first.env, PORT: String(await freePort()) } })
    const replicas = await Promise.all([start(), start()])
    const rows = () => database.query('select trigger, status from scans')
    const once = [{ trigger: 'schedule', status: 'complete' }]
    await eventually(rows, ([scan]) => scan?.['status'] === 'complete', 60_000)
    // The other one looks every 5 s.
    await new Promise((resolve) => setTimeout(resolve, 7000))
    expect(await rows()).toEqual(once)
    await database.close()
    await Promise.all(replicas.map((replica) => replica.stop()))
    await first.stop()
  })
