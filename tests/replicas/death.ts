import { expect, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { eventually } from '../support/process.ts'
import type { OpenTrio, Variables } from './trio.ts'

/** Nothing is heard of any call: reconciliation and callbacks would settle it sooner. */
export const silent = { RECONCILE_AFTER: '5m', SIMULATOR_STEP: '5m' } satisfies Variables

let ids: readonly string[] = []
let died = 0

/** A replica dies with two calls in its hands, and starts again. */
export function deathSuite(trio: OpenTrio): void {
  test('a replica dies between asking for a call and writing it down, and before asking for another', async () => {
    const { rows, replicas } = trio()
    const [a] = replicas
    const admin = await trio().admin()
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
      return String((await admin('POST', '/api/calls', call)).body.id)
    }
    ids = await rows.holding('select pg_advisory_xact_lock(4711)', async () => {
      const made = [await place(true), await place(false)]
      await eventually(
        () => rows.query(`select pid ${waiting}`),
        (pids) => pids.length === 2,
      )
      a.caly().child.kill('SIGKILL')
      await a.caly().exited()
      // The statements die with their client, as they do where the network tells the server.
      await rows.query(`select pg_terminate_backend(pid) ${waiting}`)
      return made
    })
    died = performance.now()
    await a.start()
    await trio().proxy.untilAllUp()
    expect((await clientOf(a.caly())('GET', '/health/ready')).status).toBe(200)
  }, 30_000)
}

/** What became of both calls. */
export function afterlifeSuite(trio: OpenTrio): void {
  test('the call that was not asked for is placed within 25 s of the death, and the other one never asked for again', async () => {
    const { rows } = trio()
    const jobs = `select state::text, retry_count,
        extract(epoch from completed_on)::float8 as completed
      from pgboss.job where data->>'callId' = any($1)`
    const found = await eventually(
      () => rows.query(jobs, [`{${ids.join()}}`]),
      (found) => found.length === 2 && found.every(({ state }) => state === 'completed'),
      40_000,
    )
    const ended = Math.max(...found.map(({ completed }) => Number(completed) * 1000))
    const waited = ended - (performance.timeOrigin + died)
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
}
