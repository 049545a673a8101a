/**
 * How long the statistics of a million calls take, and beside them the same figures by one plain
 * statement over the calls themselves. On the PostgreSQL of `TEST_DATABASE_URL`.
 */
import { cpus } from 'node:os'
import process from 'node:process'
import { sql } from 'drizzle-orm'
import type { Database } from '../../../db/database.ts'
import { callStatistics, type Period } from '../../../src/calls/stats.ts'
import { openTestDatabase } from '../../support/database.ts'
import { fillCalls, type Shape } from './fill.ts'

/** Questions of each kind that count, and before them some that do not. */
const asked = 200
const warmUp = 20
const plainAsked = 10

const day = 86_400_000

const shapes: Readonly<Record<string, Shape>> = {
  'one client, a year': { clients: 1, days: 365 },
  'one client, 30 days': { clients: 1, days: 30 },
  'ten clients, a year': { clients: 10, days: 365 },
}

/** At noon both ends of the default period are as far from midnight as they can be. */
const noon = new Date(Math.floor((Date.now() - day / 2) / day) * day + day / 2)
const back = (days: number) => new Date(noon.getTime() - days * day)

const periods: Readonly<Record<string, (shape: Shape) => Period>> = {
  'default (30 days)': () => ({ from: back(30), to: noon }),
  'a year (366 days)': () => ({ from: back(366), to: noon }),
  'a year, odd ends': ({ days }) => ({
    from: back(days * (1 - Math.random() / 10)),
    to: back((days * Math.random()) / 10),
  }),
  'any two moments': ({ days }) => {
    const [one, other] = [back(days * Math.random()), back(days * Math.random())]
    return one < other ? { from: one, to: other } : { from: other, to: one }
  },
  'half a day': ({ days }) => {
    const from = back(days * Math.random())
    return { from, to: new Date(from.getTime() + day / 2) }
  },
}

/** Fills a database for each way that calls can lie, asks, and prints what it took. */
export async function benchStats({ rows }: { readonly rows: number }): Promise<void> {
  const line = (text: string) => process.stdout.write(`${text}\n`)
  line(`Bun ${process.versions['bun']}, ${cpus().length} × ${cpus()[0]?.model}, ${rows} calls`)
  for (const [name, shape] of Object.entries(shapes)) {
    const test = await openTestDatabase({ settings: { statementTimeout: 3_600_000 } })
    try {
      const { database } = test
      const clients = await fillCalls(database, rows, shape, noon)
      line(`\n${name}`)
      for (const [period, periodOf] of Object.entries(periods)) {
        const next = () => ({ client: clients[0] ?? '', period: periodOf(shape) })
        const ours = await measure(asked, () => {
          const { client, period } = next()
          return callStatistics(database.db, client, period)
        })
        const plain = await measure(plainAsked, () => {
          const { client, period } = next()
          return plainStatistics(database, client, period)
        })
        line(`  ${period.padEnd(18)} ${shown(ours)}   plain: ${shown(plain)}`)
      }
    } finally {
      await test.close()
    }
  }
}

/** The figures by the book. */
function plainStatistics({ db }: Database, clientId: string, { from, to }: Period) {
  return db.execute(sql`
    with period as materialized (
      select (created_at at time zone 'UTC')::date as day, status, direction, duration_seconds
      from calls
      where client_id = ${clientId}
        and created_at >= ${from.toISOString()}::timestamptz
        and created_at < ${to.toISOString()}::timestamptz
    )
    select day, status, direction, count(*)::int as total,
      null::float8 as average, null::float8 as p95
    from period group by day, status, direction
    union all
    select null, null, null, count(*)::int, avg(duration_seconds)::float8,
      percentile_cont(0.95) within group (order by duration_seconds)
    from period where status = 'completed'`)
}

async function measure(times: number, ask: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = []
  for (let turn = -Math.min(warmUp, times / 5); turn < times; turn += 1) {
    const began = performance.now()
    await ask()
    if (turn >= 0) taken.push(performance.now() - began)
  }
  return taken.sort((one, other) => one - other)
}

function shown(times: readonly number[]): string {
  const at = (share: number) =>
    (times[Math.ceil(times.length * share) - 1] ?? Number.NaN).toFixed(1)
  return `p50 ${at(0.5).padStart(6)} ms, p99 ${at(0.99).padStart(6)} ms`
}
