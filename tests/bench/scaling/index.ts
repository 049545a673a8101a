/**
 * Where three replicas, their proxy, pooler, database and Redis saturate: what one, two and three replicas
 * do behind HAProxy, and what each part costs a request. Load and all parts share this machine, so that
 * rates tell little of larger ones; the CPU time that a request costs each part does.
 */
import process from 'node:process'
import { ask } from '../../support/administer.ts'
import { eventually, freePort } from '../../support/process.ts'
import { load, loader } from '../load.ts'
import { answering, machine, Processes } from '../processes.ts'
import { median } from '../statistics.ts'
import { cpuSeconds } from './cpu.ts'
import { type House, openHouse, serverConnections } from './house.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3)
const seconds = Number(process.env['BENCH_SECONDS'] ?? 5)
const connections = 32

/** What is asked. */
const requests = [
  { name: 'GET /api', path: '/api' },
  { name: 'GET /api/calls, 20 rows', path: '/api/calls' },
  {
    name: 'POST /api/calls',
    path: '/api/calls',
    body: JSON.stringify({ from: '+919999900001', to: '+919999900010' }),
  },
] as const

type Request = (typeof requests)[number]

const line = (...cells: readonly (string | number)[]) =>
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
const head = (...cells: readonly string[]) => {
  process.stdout.write('\n')
  line(...cells)
  line(...cells.map(() => '---'))
}

/** Runs it, and prints its tables. */
export async function benchScaling(): Promise<void> {
  process.stdout.write(
    `${connections} connections, ${rounds} rounds of ${seconds} s, ${loader}, ${machine()}\n`,
  )
  const house = await openHouse()
  try {
    await tellPooling(house)
    const figures = []
    for (const request of requests) figures.push(await measure(house, request))
    head('requests/s', '1 replica', '2 replicas', '3 replicas', 'failures')
    for (const { name, rates, failures } of figures) line(name, ...rates, failures)
    const parts = Object.keys(house.parts)
    head('CPU ms a request', ...parts, 'times Redis is asked', 'audit rows')
    for (const { name, costs, asked, rows } of figures)
      line(name, ...parts.map((part) => (costs[part] ?? 0).toFixed(3)), asked, rows)
    head('connections under load', '3 replicas to PgBouncer', 'PgBouncer to PostgreSQL', 'most')
    for (const { name, clients, servers } of figures)
      line(name, clients, servers, serverConnections)
    await tellPlacing(house)
  } finally {
    await house.close()
  }
}

async function measure(house: House, { name, path, ...rest }: Request) {
  const headers = { authorization: `Bearer ${house.key}` }
  const loadOf = (index: number) => {
    const url = new URL(path, house.proxies[index]?.baseUrl)
    return { ...rest, url, headers, connections }
  }
  await load({ ...loadOf(2), seconds: 1 })
  const rates: number[][] = [[], [], []]
  let failures = 0
  let answered = 0
  const before = await usageOf(house)
  const used: Record<string, number> = {}
  let clients = 0
  let servers = 0
  for (let round = 0; round < rounds; round += 1)
    for (const [index, results] of rates.entries()) {
      const start = await usageOf(house)
      const loading = load({ ...loadOf(index), seconds })
      const pools = await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 2)).then(
        () => house.bouncer.command('SHOW POOLS'),
      )
      const result = await loading
      const end = await usageOf(house)
      results.push(result.rate)
      failures += result.failures
      answered += result.requests
      for (const [part, cpu] of Object.entries(end.cpu))
        used[part] = (used[part] ?? 0) + cpu - (start.cpu[part] ?? 0)
      const own = pools.filter(({ database }) => database === 'caly')
      const sum = (...names: readonly string[]) =>
        own.reduce((total, pool) => names.reduce((part, key) => part + Number(pool[key]), total), 0)
      clients = Math.max(clients, sum('cl_active', 'cl_waiting'))
      servers = Math.max(servers, sum('sv_active', 'sv_idle', 'sv_used'))
    }
  const after = await usageOf(house)
  return {
    name,
    rates: rates.map((results) => Math.round(median(results))),
    failures,
    costs: Object.fromEntries(
      Object.entries(used).map(([part, spent]) => [part, (spent * 1000) / answered]),
    ),
    asked: ((after.asked - before.asked) / answered).toFixed(2),
    rows: ((after.rows - before.rows) / answered).toFixed(2),
    ...{ clients, servers },
  }
}

async function usageOf({ parts, redis, databaseUrl }: House) {
  const cpu = Object.entries(parts).map(([part, pids]) => [part, cpuSeconds(pids)] as const)
  const asked = await redis.scripts()
  const [row] = await ask(databaseUrl, 'select count(*) as n from audit_logs')
  return { cpu: Object.fromEntries(cpu), asked, rows: Number(row?.['n']) }
}

/** How fast calls that were accepted are placed while nobody asks for more. */
async function tellPlacing({ databaseUrl }: House): Promise<void> {
  const look = async () => {
    const text = `select count(*) as accepted, count(dispatched_at) as placed from calls`
    const [row] = await ask(databaseUrl, text)
    return { accepted: Number(row?.['accepted']), placed: Number(row?.['placed']) }
  }
  const started = performance.now()
  const before = await look()
  // All of them, or as many as are placed in the time of a round.
  const after = await eventually(
    look,
    ({ accepted, placed }) => accepted === placed || performance.now() - started > seconds * 1000,
    60_000,
  )
  const rate = ((after.placed - before.placed) * 1000) / (performance.now() - started)
  head('calls', 'accepted', 'waiting when the load ended', 'then placed a second')
  line('3 replicas', before.accepted, before.accepted - before.placed, rate.toFixed(0))
}

/** What the pool is worth, beside a connection for each query. */
async function tellPooling({ databaseUrl }: House): Promise<void> {
  const processes = new Processes()
  try {
    const port = await freePort()
    const env = { PORT: String(port), DATABASE_URL: databaseUrl }
    processes.start('tests/bench/scaling/query-server.ts', env)
    const url = (path: string) => new URL(path, `http://127.0.0.1:${port}`)
    await answering(url('/pooled'))
    await answering(url('/fresh'))
    const results: {
      readonly pooled: number
      readonly fresh: number
      readonly failures: number
    }[] = []
    for (let round = 0; round < rounds; round += 1) {
      const pooled = await load({ url: url('/pooled'), seconds, connections })
      const fresh = await load({ url: url('/fresh'), seconds, connections })
      const failures = pooled.failures + fresh.failures
      results.push({ pooled: pooled.rate, fresh: fresh.rate, failures })
    }
    head('one query a request', 'with the pool', 'with a connection each', 'ratio', 'failures')
    line(
      'requests/s',
      Math.round(median(results.map(({ pooled }) => pooled))),
      Math.round(median(results.map(({ fresh }) => fresh))),
      median(results.map(({ pooled, fresh }) => pooled / fresh)).toFixed(1),
      results.reduce((sum, { failures }) => sum + failures, 0),
    )
  } finally {
    processes.kill()
  }
}
