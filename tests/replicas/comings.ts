import { expect, test } from 'bun:test'
import type { Placed } from '../support/crash/placing.ts'
import { judge, untilEnded } from '../support/crash/verdict.ts'
import { eventually } from '../support/process.ts'
import { inFlight, type Lost, startLoad } from './load.ts'
import { lastSealer, lastSealOf } from './seals.ts'
import { type OpenTrio, sum, type Trio } from './trio.ts'

/** What clients were told while replicas came and went. */
type Told = Omit<Placed, 'lost'> & { readonly lost: readonly Lost[]; readonly answered: number }

const told: Told[] = []
let earlier: readonly string[] = []

/** What is asked of one replica at the least before the next thing happens to it. */
const steady = 45

/** Asks through the proxy while something happens to the replicas. */
async function underLoad(
  trio: Trio,
  work: (load: ReturnType<typeof startLoad>) => Promise<void>,
): Promise<Told> {
  const admin = await trio.admin()
  const scopes = ['calls:read', 'calls:write']
  const { key } = (await admin('POST', '/api/keys', { name: 'load', scopes })).body
  const load = startLoad(trio, key)
  try {
    await load.more(steady)
    await work(load)
    await load.more(steady)
    const report = await load.stop()
    told.push(report)
    const { answered, keys, replayed, refused, putOff, lost } = report
    process.stdout.write(
      `${JSON.stringify({ answered, keys, replayed, refused, putOff, lost: lost.length })}\n`,
    )
    return report
  } finally {
    await load.abandon()
  }
}

/**
 * What is no fault of a stop: the 503 that `ready` answers then; callbacks of the simulator, which plays
 * on in a process that listens no more; and a database that takes a second, where others use the machine
 * too: audit events go to disk then, and from there into the trail.
 */
const expected = /"msg":"request"|A status callback was not accepted \(no answer\)|they go to disk/

const errorsIn = (output: string) =>
  output
    .slice(output.indexOf('"msg":"stopping"'))
    .split('\n')
    .filter((line) => line.includes('"level":"error"') && !expected.test(line))

/** Replicas leave and come back while clients place and read calls through the proxy. */
export function comingsSuite(trio: OpenTrio): void {
  test('a rolling restart under load loses no request: each is answered at once, and the stops are clean', async () => {
    earlier = (await trio().rows.query('select id from calls')).map(({ id }) => String(id))
    const [before, resent] = [await trio().proxy.served(), await trio().proxy.resent()]
    const report = await underLoad(trio(), async (load) => {
      for (const replica of trio().replicas) {
        const leaving = replica.caly()
        expect(await leaving.stop()).toBe(0)
        expect(errorsIn(leaving.output())).toEqual([])
        await replica.start()
        await trio().proxy.untilAllUp()
        await load.more(steady)
      }
    })
    expect(report).toMatchObject({ lost: [], surprises: [], refused: 0, putOff: 0, replayed: 0 })
    // Nor had the proxy to mend anything: it knew of each stop before the listener closed.
    expect(await trio().proxy.resent()).toBe(resent)
    const after = await trio().proxy.served()
    for (const [index, served] of after.entries())
      expect(served - (before[index] ?? 0)).toBeGreaterThan(steady / 3)
  }, 180_000)

  test('of a replica that is killed, the one that seals, only requests in flight are lost; another one seals', async () => {
    let died = 0
    const report = await underLoad(trio(), async (load) => {
      const dying = lastSealer(trio())
      dying.caly().child.kill('SIGKILL')
      await dying.caly().exited()
      died = performance.now()
      const position = lastSealOf(dying.caly())
      const others = trio().replicas.filter((replica) => replica !== dying)
      await load.more(steady)
      await eventually(
        async () => Math.max(...others.map((other) => lastSealOf(other.caly()))),
        (sealed) => sealed > position,
      )
      await dying.start()
      await trio().proxy.untilAllUp()
    })
    expect(report).toMatchObject({ surprises: [], refused: 0 })
    expect(report.lost.length).toBeLessThanOrEqual(inFlight)
    for (const { sentAt } of report.lost) expect(sentAt).toBeLessThan(died)
    // Repeating is what makes a GET safe for the proxy to send to another replica.
    expect(report.lost.filter(({ request }) => request.startsWith('GET'))).toEqual([])
  }, 180_000)
}

/** The books of all that was placed meanwhile. */
export function booksSuite(trio: OpenTrio): void {
  test('each call that was accepted meanwhile was placed once and has ended, and what goes by the clock ran once', async () => {
    const { rows } = trio()
    const late = await untilEnded(rows, 40_000)
    const all = (pick: (report: Told) => readonly string[]) => told.flatMap(pick)
    const { broken, longest } = await judge(rows, {
      ids: [...earlier, ...all(({ ids }) => ids)],
      keys: earlier.length + told.reduce((keys, report) => keys + report.keys, 0),
      surprises: all(({ surprises }) => surprises),
      ...{ replayed: 0, refused: 0, lost: 0, putOff: 0 },
    })
    process.stdout.write(`each call had ended within ${longest} ms\n`)
    expect([...late, ...broken]).toEqual([])
    const doubled = await rows.query(
      `select count(*) as n from (select from pgboss.job where singleton_on is not null
       group by name, singleton_on having count(*) > 1) as twice`,
    )
    expect(sum(doubled)).toBe(0)
  }, 180_000)
}
