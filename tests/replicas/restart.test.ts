/** Replicas that come and go while calls are placed: no accepted call is lost. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { placeCalls } from '../support/crash/placing.ts'
import { judge, untilEnded, witness } from '../support/crash/verdict.ts'
import { eventually } from '../support/process.ts'
import { balance } from './balancer.ts'
import { openPair, type Pair, type Replica } from './pair.ts'

let pair: Pair
let key: string
beforeAll(async () => {
  pair = await openPair()
  await witness(pair.rows)
  const admin = await adminOf(pair.a.caly())
  const scopes = ['calls:read', 'calls:write']
  key = (await admin('POST', '/api/keys', { name: 'load', scopes })).body.key
}, 120_000)
afterAll(() => pair.close(), 60_000)

const backend = (replica: Replica) => ({
  url: () => replica.caly().baseUrl,
  client: (): Client => clientOf(replica.caly(), key),
})

/** Places calls over both replicas while something happens to them, and judges every call so far. */
async function underLoad(work: () => Promise<void>) {
  const earlier = (await pair.rows.query('select id from calls')).map(({ id }) => String(id))
  const balancer = balance([backend(pair.a), backend(pair.b)])
  const placing = placeCalls({ next: balancer.next, clients: 6 })
  try {
    await work()
    const placed = await placing.stop()
    const late = await untilEnded(pair.rows, 40_000)
    const verdict = await judge(pair.rows, {
      ...placed,
      ids: [...earlier, ...placed.ids],
      keys: earlier.length + placed.keys,
    })
    return { ...placed, ...verdict, broken: [...late, ...verdict.broken] }
  } finally {
    await placing.abandon()
    await balancer.close()
  }
}

/** What went wrong, but for the 503 that `ready` answers while stopping. */
const errorsIn = (output: string) =>
  output
    .split('\n')
    .filter((line) => line.includes('"level":"error"') && !line.includes('"msg":"request"'))

const tell = ({
  ids,
  keys,
  replayed,
  refused,
  lost,
  putOff,
  longest,
}: Awaited<ReturnType<typeof underLoad>>) =>
  process.stdout.write(
    `${JSON.stringify({ accepted: ids.length, keys, replayed, refused, lost, putOff, longest })}\n`,
  )

test('a rolling restart of both, twice, is noticed by no client: each request is answered 202 at once', async () => {
  const report = await underLoad(async () => {
    for (const replica of [pair.a, pair.b, pair.a, pair.b]) {
      await sleep(500)
      const leaving = replica.caly()
      expect(await leaving.stop()).toBe(0)
      expect(errorsIn(leaving.output())).toEqual([])
      await replica.start()
    }
    await sleep(500)
  })
  tell(report)
  expect(report.broken).toEqual([])
  expect(report.ids.length).toBeGreaterThan(60)
  expect(report).toMatchObject({ refused: 0, lost: 0, putOff: 0 })
}, 60_000)

test('a replica that is killed and stays away leaves its calls to the other one', async () => {
  const report = await underLoad(async () => {
    await sleep(1000)
    const dying = pair.a.caly()
    dying.child.kill('SIGKILL')
    await dying.exited()
    await sleep(1000)
  })
  tell(report)
  expect(report.broken).toEqual([])
  expect(report.ids.length).toBeGreaterThan(20)
}, 60_000)

test('of the calls in the hands of a replica that dies, one not asked for is placed within 25 s, and one asked for is never asked for again', async () => {
  // Nothing is heard of either call: reconciliation and callbacks would settle both sooner.
  const silent = { RECONCILE_AFTER: '5m', SIMULATOR_STEP: '5m' }
  await pair.b.caly().stop()
  await Promise.all([pair.a, pair.b].map((replica) => replica.start(silent)))
  const { rows } = pair
  // Recorded calls stop before the provider is asked, others before its answer is written down.
  await rows.query(`
    create function wait_for_test() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(4711); return new; end $$`)
  await rows.query(`
    create trigger wait_for_test before update on calls for each row when (
      new.record and new.dispatched_at is distinct from old.dispatched_at
      or not new.record and new.status = 'ringing'
    ) execute function wait_for_test()`)
  const waiting = `from pg_stat_activity where wait_event = 'advisory' and query like 'update "calls"%'`
  const place = async (record: boolean) => {
    const call = { from: '+919999900001', to: '+919999900010', record }
    return String((await clientOf(pair.a.caly(), key)('POST', '/api/calls', call)).body.id)
  }
  const ids = await rows.holding('select pg_advisory_xact_lock(4711)', async () => {
    const made = [await place(true), await place(false)]
    await eventually(
      () => rows.query(`select pid ${waiting}`),
      (pids) => pids.length === 2,
    )
    pair.a.caly().child.kill('SIGKILL')
    await pair.a.caly().exited()
    // The statements die with their client, as they do where the network tells the server.
    await rows.query(`select pg_terminate_backend(pid) ${waiting}`)
    return made
  })
  const died = performance.now()
  const jobs = `select state::text, retry_count from pgboss.job where data->>'callId' = any($1)`
  await eventually(
    () => rows.query(jobs, [`{${ids.join()}}`]),
    (found) => found.length === 2 && found.every(({ state }) => state === 'completed'),
    40_000,
  )
  const waited = performance.now() - died
  process.stdout.write(`taken up ${Math.round(waited)} ms after the death\n`)
  expect(waited).toBeLessThan(25_000)
  const asked = (id: string | undefined) =>
    rows.query(
      `select status, (select sum(step)::int from placings where call_id = calls.id) as asked
       from calls where id = $1`,
      [id],
    )
  expect(await asked(ids[0])).toEqual([{ status: 'ringing', asked: 1 }])
  expect(await asked(ids[1])).toEqual([{ status: 'queued', asked: 1 }])
}, 60_000)
