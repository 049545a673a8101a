/**
 * A process of the bench: what telemetry costs a query, with every request sampled. The same client
 * class asks with and without it, in turns, within requests of a hundred queries. Two kinds of
 * clients: the real one on PostgreSQL, and one that does nothing, where only telemetry is left.
 */
import process from 'node:process'
import { setImmediate as turn } from 'node:timers/promises'
import { Elysia } from 'elysia'
import { readConfig } from '../../../src/config.ts'
import {
  disabledTelemetry,
  instrumentQueries,
  type PgShapedClass,
  requestTelemetry,
  startTelemetry,
} from '../../../telemetry/index.ts'
import { openTestDatabase } from '../../support/database.ts'
import { median } from '../statistics.ts'

/** Microseconds of CPU a query, in the middle of the rounds; `more` is what telemetry adds. */
export interface QueryCost {
  readonly client: string
  readonly without: number
  readonly more: number
  /** The same between the quickest rounds. */
  readonly moreAtBest: number
}

const queriesOfRequest = 100
const requestsOfRound = 20
const rounds = Number(process.env['ROUNDS'] ?? 41)
const warmUp = 5

const statement =
  'select id, client_id, status, direction, created_at from calls where client_id = $1 and id = $2'
const values = ['0190a5c0-0000-7000-8000-000000000000', '0190a5c0-0000-7000-8000-000000000001']

class IdleClient {
  readonly connectionParameters = { database: 'caly', host: 'localhost', port: 5432 }

  /** instrumentation-pg looks for it. */
  async connect(): Promise<void> {}

  async query(_text: string, _values: readonly unknown[]): Promise<unknown> {
    return { rows: [], rowCount: 0 }
  }
}

type Ask = (text: string, values: readonly string[]) => Promise<unknown>

async function costOf(client: string, Client: PgShapedClass, ask: Ask): Promise<QueryCost> {
  const settings = readConfig(process.env).telemetry
  const telemetry = await startTelemetry({ settings, version: '0.0.0', instanceId: 'bench' })
  // The request is traced both times: only its queries differ.
  const app = new Elysia().use(requestTelemetry(telemetry)).get('/', async () => {
    for (let query = 0; query < queriesOfRequest; query++) await ask(statement, values)
    return 'done'
  })
  const round = async () => {
    const before = process.cpuUsage()
    for (let request = 0; request < requestsOfRound; request++) {
      await app.handle(new Request('http://localhost/'))
      // Lets spans go out, and answers of the collector come in.
      await turn()
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / (requestsOfRound * queriesOfRequest)
  }
  const measured: number[] = []
  const without: number[] = []
  for (let number = -warmUp; number < rounds; number++) {
    instrumentQueries(telemetry, Client)
    const one = await round()
    instrumentQueries(disabledTelemetry(), Client)
    const other = await round()
    if (number < 0) continue
    measured.push(one)
    without.push(other)
  }
  await telemetry.shutdown(5000)
  return {
    client,
    without: median(without),
    more: median(measured.map((cost, number) => cost - (without[number] ?? Number.NaN))),
    moreAtBest: Math.min(...measured) - Math.min(...without),
  }
}

const idle = new IdleClient()
const costs = [await costOf('does nothing', IdleClient, (text, list) => idle.query(text, list))]
const test = await openTestDatabase()
const { client, Client, embedded } = test.database
costs.push(
  await costOf(embedded ? 'embedded database' : 'PostgreSQL', Client, (text, list) =>
    client.query(text, list),
  ),
)
await test.close()
process.stdout.write(JSON.stringify(costs))
