/** What the service keeps of its scans: what is new, what is gone, and what no half scan may say. */
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scans } from '../../db/schema/index.ts'
import { ownScan } from '../../src/scans/index.ts'
import { upkeep } from '../../src/scans/service/upkeep.ts'
import { eventually } from '../support/process.ts'
import { finding, openScanHouse, report, type ScanHouse } from './service-house.ts'

setDefaultTimeout(60_000)

let house: ScanHouse
beforeAll(async () => {
  house = await openScanHouse()
})
afterAll(() => house.close())
afterEach(async () => {
  house.ahead(0)
  house.ended.length = 0
  house.errors.length = 0
  house.notes.length = 0
  await house.rows('delete from vulnerabilities')
  await house.rows('delete from scans')
})

const nothing = { critical: 0, high: 0, moderate: 0, low: 0, unknown: 0 }
const one = 'GHSA-aaaa-aaaa-aaaa'
const two = 'GHSA-bbbb-bbbb-bbbb'

/** The last events of a type, by what they are about. */
async function eventsOf(type: string, scanId: string) {
  const rows = await house.events(type)
  return rows.filter(({ resource_id: about, details }) => {
    const { scan } = details as { scan?: string }
    return about === scanId || scan === scanId
  })
}

test('a scan begins at once, is told of while it runs, and says in the end what it found', async () => {
  const held = Promise.withResolvers<void>()
  house.scans(async () => {
    await held.promise
    return report([finding(one), finding(two, { severity: 'critical', package: 'minimist' })], {
      outdated: [
        {
          ...{ name: 'x', version: '1.0.0', wanted: '1.0.1', latest: '3.0.0', majorsBehind: 2 },
          ...{ deprecated: undefined, releasedAt: undefined },
        },
      ],
      notes: ['An ignore of lodash has expired.'],
    })
  })
  const started = await house.start()
  expect(started).toEqual({
    ...{ id: started.id, status: 'running', trigger: 'api', startedAt: started.startedAt },
    ...{ finishedAt: null, packages: null, counts: null, new: null, fixed: null },
    ...{ outdated: null, error: null },
  })
  // However often it is asked for, one runs.
  expect(await Promise.all([house.start(), house.start()])).toEqual([started, started])
  held.resolve()
  const done = await house.finished(started.id)
  expect(done).toMatchObject({
    ...{ id: started.id, status: 'complete', packages: 400, new: 2, fixed: 0, outdated: 1 },
    ...{ counts: { ...nothing, critical: 1, high: 1 }, error: null },
  })
  // The worst first.
  expect((await house.list()).map(({ advisory }) => advisory)).toEqual([two, one])
  const [, open] = await house.list()
  expect(open).toMatchObject({
    ...{ package: 'lodash', version: '4.17.20', severity: 'high', path: ['lodash@4.17.20'] },
    ...{ dev: false, fixedIn: '4.17.21', remedy: null, fixedAt: null },
    ...{ firstSeenAt: done.finishedAt, lastSeenAt: done.finishedAt },
  })
  const told = await eventsOf('%', started.id)
  expect(told.map(({ event_type: type, severity }) => [type, severity])).toEqual([
    ['SCAN_STARTED', 'INFO'],
    ['SCAN_COMPLETED', 'INFO'],
    ['VULNERABILITY_FOUND_CRITICAL', 'CRITICAL'],
    ['VULNERABILITY_FOUND_HIGH', 'ERROR'],
  ])
  expect(told[3]).toMatchObject({
    resource_id: open?.id,
    details: { package: 'lodash', version: '4.17.20', advisory: one, fixedIn: '4.17.21' },
  })
  expect(house.ended).toMatchObject([{ found: { ...nothing, critical: 1, high: 1 } }])
  expect(house.notes).toEqual(['An ignore of lodash has expired.'])
})

test('what a complete scan does not find is fixed, and what comes back is open again', async () => {
  const first = await house.run([finding(one), finding(two)])
  const second = await house.run([finding(two)])
  expect(second).toMatchObject({ new: 0, fixed: 1, counts: { ...nothing, high: 1 } })
  const [gone] = await house.list('fixed')
  expect(gone).toMatchObject({ advisory: one, lastSeenAt: first.finishedAt })
  expect(gone?.fixedAt).toBe(second.finishedAt)
  expect(await eventsOf('VULNERABILITY_FIXED', second.id)).toMatchObject([
    { resource_id: gone?.id, details: { advisory: one, severity: 'high' } },
  ])
  const third = await house.run([finding(one), finding(two)])
  expect(third).toMatchObject({ new: 1, fixed: 0, counts: { ...nothing, high: 2 } })
  const back = (await house.list()).find(({ advisory }) => advisory === one)
  expect(back).toMatchObject({ id: gone?.id, firstSeenAt: first.finishedAt, fixedAt: null })
  expect(await eventsOf('VULNERABILITY_FOUND_HIGH', third.id)).toHaveLength(1)
})

test('an incomplete scan takes nothing as fixed, adds what it found, and says why', async () => {
  await house.run([finding(one)])
  const problems = ['The registry answered 503.', 'OSV did not answer within 30 seconds.']
  const half = await house.run([finding(two)], { status: 'incomplete', problems })
  expect(half).toMatchObject({
    ...{ status: 'incomplete', error: problems.join(' '), new: 1, fixed: 0 },
    counts: { ...nothing, high: 2 },
  })
  expect(await house.list('fixed')).toEqual([])
  expect(await eventsOf('SCAN_%', half.id)).toMatchObject([
    { event_type: 'SCAN_STARTED' },
    {
      event_type: 'SCAN_INCOMPLETE',
      severity: 'WARNING',
      details: { high: 2, reason: problems.join(' ') },
    },
  ])
})

test('an outage says nothing of 0 vulnerabilities: those that were known are counted', async () => {
  await house.run([finding(one)])
  const outage = await house.run([], { status: 'incomplete', problems: ['Nobody answered.'] })
  expect(outage).toMatchObject({ counts: { ...nothing, high: 1 }, new: 0, fixed: 0 })
  expect(await house.list()).toHaveLength(1)
})

test('a failed scan changes nothing of what is known', async () => {
  await house.run([finding(one)])
  const problems = ['bun.lock: cannot be read (EACCES)']
  // Even if it should say that it found something.
  const failed = await house.run([finding(two)], { status: 'failed', problems, packages: 0 })
  expect(failed).toMatchObject({
    ...{ status: 'failed', error: problems[0], packages: null, counts: null },
    ...{ new: null, fixed: null, outdated: null },
  })
  expect((await house.list('all')).map(({ advisory }) => advisory)).toEqual([one])
  expect(await eventsOf('SCAN_FAILED', failed.id)).toMatchObject([
    { severity: 'ERROR', details: { reason: problems[0] } },
  ])
})

test('an advisory that gets another id stays the same vulnerability', async () => {
  await house.run([finding('CVE-2026-1000')])
  const [before] = await house.list()
  const scan = await house.run([finding(one, { aliases: ['CVE-2026-1000'] })])
  expect(scan).toMatchObject({ new: 0, fixed: 0 })
  expect(await house.list('all')).toMatchObject([
    { id: before?.id, advisory: one, aliases: ['CVE-2026-1000'], firstSeenAt: before?.firstSeenAt },
  ])
  // And back, without its alias: npm alone answered.
  await house.run([finding('CVE-2026-1000')])
  expect(await house.list('all')).toMatchObject([{ id: before?.id, advisory: 'CVE-2026-1000' }])
})

test('two that turn out to be one are one from then on, as old as the older one', async () => {
  await house.run([finding('CVE-2026-1000')])
  const [older] = await house.list()
  await house.run([finding('CVE-2026-1000'), finding(one)])
  expect(await house.list()).toHaveLength(2)
  const scan = await house.run([finding(one, { aliases: ['CVE-2026-1000'] })])
  expect(scan).toMatchObject({ new: 0, fixed: 0, counts: { ...nothing, high: 1 } })
  expect(await house.list('all')).toMatchObject([
    { advisory: one, firstSeenAt: older?.firstSeenAt, fixedAt: null },
  ])
})

test('the same vulnerability in two packages, or two versions, is two', async () => {
  const places = [{}, { version: '3.10.1' }, { package: 'lodash-es' }]
  const scan = await house.run(places.map((place) => finding(one, place)))
  expect(scan).toMatchObject({ new: 3 })
  expect((await house.run(places.slice(1).map((place) => finding(one, place)))).fixed).toBe(1)
})

test('what is ignored does not count, and counts as new once it is ignored no more', async () => {
  const ignored = { reason: 'not reachable from a request', expires: '2026-12-31' }
  const quiet = await house.run([finding(one, { more: { ignored } })])
  expect(quiet).toMatchObject({ new: 0, counts: nothing })
  expect(await house.list()).toEqual([])
  expect(await house.list('ignored')).toHaveLength(1)
  expect(await house.rows('select ignored from vulnerabilities')).toEqual([{ ignored }])
  expect(await house.run([finding(one)])).toMatchObject({
    ...{ new: 1, counts: { ...nothing, high: 1 } },
  })
  // Ignored again, it is neither fixed nor missed; and gone while it is ignored, it counts for nobody.
  expect(await house.run([finding(one, { more: { ignored } })])).toMatchObject({ fixed: 0 })
  expect(await house.list('fixed')).toEqual([])
  expect(await house.run([])).toMatchObject({ fixed: 0, counts: nothing })
  expect(await house.list('fixed')).toHaveLength(1)
})

test('a vulnerability that is rated worse is told of again, and is not new', async () => {
  await house.run([finding(one, { severity: 'unknown' })])
  const scan = await house.run([finding(one, { severity: 'critical' })])
  expect(scan).toMatchObject({ new: 0, counts: { ...nothing, critical: 1 } })
  expect(await eventsOf('VULNERABILITY_%', scan.id)).toMatchObject([
    { event_type: 'VULNERABILITY_FOUND_CRITICAL', details: { was: 'unknown' } },
  ])
  const better = await house.run([finding(one, { severity: 'low' })])
  expect(await eventsOf('VULNERABILITY_%', better.id)).toEqual([])
})

test('a scan of many leaves some 50 events of each kind, which say how many more there are', async () => {
  const many = Array.from({ length: 400 }, (_, index) =>
    finding(`GHSA-many-${index}`, { severity: index % 2 === 0 ? 'low' : 'critical' }),
  )
  const scan = await house.run(many)
  expect(scan).toMatchObject({ new: 400, counts: { ...nothing, low: 200, critical: 200 } })
  const told = await eventsOf('VULNERABILITY_FOUND_%', scan.id)
  expect(told).toHaveLength(52)
  const sums = told.flatMap(({ event_type: type, details }) => {
    const { suppressed } = details as { suppressed?: number }
    return suppressed === undefined ? [] : [[type, suppressed]]
  })
  expect(sums).toEqual([
    ['VULNERABILITY_FOUND_CRITICAL', 150],
    ['VULNERABILITY_FOUND_LOW', 200],
  ])
  const clean = await house.run([])
  expect(clean).toMatchObject({ fixed: 400 })
  expect(await eventsOf('VULNERABILITY_FIXED', clean.id)).toHaveLength(51)
})

test('more findings than are kept make a scan incomplete', async () => {
  const many = Array.from({ length: 5001 }, (_, index) =>
    finding(`GHSA-many-${index}`, { severity: index === 5000 ? 'critical' : 'low' }),
  )
  const scan = await house.run(many)
  expect(scan).toMatchObject({ status: 'incomplete', new: 5000 })
  expect(scan.counts).toMatchObject({ critical: 1, low: 4999 })
  expect(scan.error).toBe('Only the worst 5000 of 5001 are kept.')
})

test('whatever an advisory says is kept within bounds, and no address but one of the web', async () => {
  const long = 'x'.repeat(20_000)
  const odd = finding(long, { aliases: Array.from({ length: 500 }, (_, index) => `CVE-${index}`) })
  const advisory = { ...odd.advisory, title: `\u0000${long}\ud800`, url: 'javascript:alert(1)' }
  const twice = () => house.run([{ ...odd, advisory }])
  expect(await twice()).toMatchObject({ status: 'complete', new: 1 })
  expect(await twice()).toMatchObject({ status: 'complete', new: 0, fixed: 0 })
  const [kept] = await house.list()
  expect(kept?.url).toBeNull()
  expect(kept?.title.length).toBe(500)
  expect(kept?.aliases.length).toBe(100)
})

test('a secret in why a scan is not complete goes no further', async () => {
  const problems = ['https://user:canary-9a1f@registry.example answered 401.']
  const scan = await house.run([], { status: 'incomplete', problems })
  expect(scan.error).toContain('registry.example answered 401.')
  const found = await house.rows(
    `select 1 from audit_logs where audit_logs::text like '%canary-9a1f%'
     union all select 1 from scans where scans::text like '%canary-9a1f%'`,
  )
  expect(found).toEqual([])
})

test('a service without its lockfile has scans that fail, and say what is missing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'caly-bare-'))
  house.scans(ownScan({ folder }))
  const { id } = await house.start()
  const scan = await house.finished(id)
  expect(scan).toMatchObject({ status: 'failed', counts: null, packages: null })
  expect(scan.error).toContain('has neither a bun.lock nor a package-lock.json')
  expect(scan.error).not.toContain(folder)
  await rm(folder, { recursive: true })
})

test('a scan that takes too long has failed, and is not tried again', async () => {
  const hasty = await openScanHouse({ beside: house, timeLimit: 200 })
  const never = Promise.withResolvers<never>().promise
  for (const each of [house, hasty]) each.scans(() => never)
  // Whichever finds the job: the other one is stopped first.
  await house.jobs.stop(1000)
  const { id } = await hasty.start()
  expect(await hasty.finished(id)).toMatchObject({
    ...{ status: 'failed', error: 'The scan took longer than 1 minute.' },
  })
  await hasty.close()
  await house.close()
  house = await openScanHouse()
})

test('a scan that fails inside is tried again, and fails at last', async () => {
  let tries = 0
  house.scans(async () => {
    tries += 1
    throw new TypeError('made up')
  })
  const { id } = await house.start()
  const done = await house.finished(id, 30_000)
  expect(done).toMatchObject({
    ...{ status: 'failed', error: 'The scan failed inside: see the log of the service.' },
  })
  expect(tries).toBe(3)
  await eventually(
    async () => house.errors.length,
    (count) => count === 3,
  )
})

test('a stop ends a scan at once, and another replica takes it up', async () => {
  const stopping = await openScanHouse()
  const other = await openScanHouse({ beside: stopping })
  const running = Promise.withResolvers<void>()
  let isStopped = false
  // Either may find the job: whoever has it first is stopped.
  const first = Promise.withResolvers<ScanHouse>()
  for (const each of [stopping, other])
    each.scans(async () => {
      if (isStopped) return report([finding(one)])
      first.resolve(each)
      running.resolve()
      return await Promise.withResolvers<never>().promise
    })
  const { id } = await stopping.start()
  const owner = await first.promise
  await running.promise
  isStopped = true
  const before = performance.now()
  await owner.jobs.stop(5000)
  expect(performance.now() - before).toBeLessThan(3000)
  const heir = owner === stopping ? other : stopping
  expect(await heir.finished(id, 30_000)).toMatchObject({ status: 'complete', new: 1 })
  expect(owner.errors).toMatchObject([{ name: 'ScanInterruptedError' }])
  await other.close()
  await stopping.close()
})

test('a scan whose job is lost has failed once the next one begins', async () => {
  const { db } = house.test.database
  const [lost] = await db
    .insert(scans)
    .values({ clientId: house.clientId, status: 'running', trigger: 'schedule' })
    .returning()
  // As long as it may still be worked on, it is the one that runs.
  expect((await house.start()).id).toBe(String(lost?.id))
  house.ahead(37 * 60_000)
  house.scans(async () => report([]))
  const next = await house.start()
  expect(next.id).not.toBe(String(lost?.id))
  expect(await house.service.get(house.clientId, String(lost?.id))).toMatchObject({
    ...{ status: 'failed', error: 'The scan was interrupted: its process ended before it did.' },
    counts: null,
  })
  await house.finished(next.id)
})

test('whoever was taken for dead and comes back writes nothing', async () => {
  const held = Promise.withResolvers<void>()
  house.scans(async () => {
    await held.promise
    return report([finding(one)])
  })
  const { id } = await house.start()
  await house.rows(`update scans set status = 'failed' where id = $1`, [id])
  held.resolve()
  await eventually(
    () => house.rows(`select state::text from pgboss.job where data ->> 'scanId' = $1`, [id]),
    ([job]) => job?.['state'] === 'completed',
  )
  expect(await house.list('all')).toEqual([])
  expect(house.ended).toEqual([])
})

test('old scans go and what they found stays; so do the last complete one and one that runs', async () => {
  const old = await house.run([finding(one)])
  const last = await house.run([finding(one)])
  await house.run([], { status: 'failed', problems: ['no'] })
  house.ahead(31 * 24 * 3_600_000)
  await upkeep(house.service.context, 30, new AbortController().signal)
  const left = await house.service.list(house.clientId, { limit: 10 })
  expect(left.items.map(({ id }) => id)).toEqual([last.id])
  expect(await house.list()).toHaveLength(1)
  expect(old.id).not.toBe(last.id)
  expect(await house.events('DATA_DELETED')).toMatchObject([{ details: { of: 'scans', count: 2 } }])
})

test('lists come in pages, and a cursor is good for its own list alone', async () => {
  const severities = ['low', 'critical', 'high', 'low', 'unknown', 'high'] as const
  await house.run(severities.map((severity, index) => finding(`GHSA-page-${index}`, { severity })))
  await house.run(
    severities.slice(1).map((severity, index) => finding(`GHSA-page-${index + 1}`, { severity })),
  )
  const { service, clientId } = house
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const query = { limit: 2, status: 'all' as const, ...(cursor !== undefined && { cursor }) }
    const page = await service.vulnerabilities(clientId, query)
    expect(page.items.length).toBeLessThanOrEqual(2)
    seen.push(...page.items.map(({ severity, fixedAt }) => severity + (fixedAt ? ' fixed' : '')))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(['critical', 'high', 'high', 'low', 'unknown', 'low fixed'])
  const high = { limit: 1, severity: 'high' as const }
  const page = await service.vulnerabilities(clientId, high)
  expect(page.items).toHaveLength(1)
  const foreign = { limit: 1, cursor: String(page.nextCursor) }
  await expect(service.vulnerabilities(clientId, foreign)).rejects.toThrow('needs attention')
  expect(
    (await service.vulnerabilities(clientId, { ...high, cursor: foreign.cursor })).nextCursor,
  ).toBeNull()
  expect(
    (await service.vulnerabilities(clientId, { limit: 9, package: 'lodash-es' })).items,
  ).toEqual([])
  const scans = await service.list(clientId, { limit: 1 })
  const next = await service.list(clientId, { limit: 1, cursor: String(scans.nextCursor) })
  expect(next.nextCursor).toBeNull()
  expect(next.items[0]?.id).not.toBe(String(scans.items[0]?.id))
})

test('of two replicas that missed the hour together one scans', async () => {
  const both = await openScanHouse({ schedule: '0 3 * * *' })
  await both.jobs.stop(1000)
  // As if nobody had been there for two days.
  await both.rows(`update pgboss.version set cron_on = now() - interval '2 days'`)
  await both.rows(`update pgboss.schedule set created_on = now() - interval '3 days'`)
  const open = () => openScanHouse({ beside: both, schedule: '0 3 * * *' })
  const replicas = await Promise.all([open(), open(), open()])
  const listed = () => both.service.list(both.clientId, { limit: 10 })
  await eventually(listed, ({ items }) => items[0]?.status === 'complete', 30_000)
  // The others would have looked by now.
  await new Promise((resolve) => setTimeout(resolve, 6000))
  expect((await listed()).items).toMatchObject([{ trigger: 'schedule', status: 'complete' }])
  expect(await both.events('SCAN_STARTED')).toMatchObject([{ details: { trigger: 'schedule' } }])
  for (const replica of replicas) await replica.close()
  await both.close()
})
