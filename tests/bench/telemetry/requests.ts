/**
 * What telemetry costs a request of the whole service, in CPU time of its process: each contender is
 * a process of its own that differs in its telemetry only, asked over a socket, and all of them take
 * turns. Serialising and sending the spans is in it; the collector is another process.
 */
import { join } from 'node:path'
import { fillDataDir } from '../../support/database.ts'
import { freePort, type Runtime } from '../../support/process.ts'
import { load } from '../load.ts'
import { answering, type Processes, type Variables } from '../processes.ts'
import { median } from '../statistics.ts'

/** What a contender's requests cost. */
export interface RequestCost {
  readonly name: string
  /** Microseconds of CPU a request, in the middle of the rounds. */
  readonly cpu: number
  /** What of it is telemetry's: the middle of what it took more than the first, round by round. */
  readonly more: number
  /** The same between the quickest rounds: what a busy machine adds is the least there. */
  readonly moreAtBest: number
  /** Requests a second. */
  readonly rate: number
  readonly failures: number
}

/** What {@linkcode benchRequests} found. */
export interface RequestBench {
  readonly requests: readonly RequestCost[]
  /** Of the contender that traces everything. */
  readonly scrape: { readonly milliseconds: number; readonly series: number }
}

/** How requests are measured. */
export interface RequestBenchOptions {
  readonly processes: Processes
  /** Where databases and keys of the run are kept. */
  readonly folder: string
  readonly collector: string
  readonly runtime: Runtime
  readonly rounds: number
  /** Of a round. */
  readonly seconds: number
}

/** Few enough that nothing waits for long, enough that the process never idles. */
const connections = 16

const contenders = (collector: string): Readonly<Record<string, Variables>> => {
  const to = { OTEL_EXPORTER_OTLP_ENDPOINT: collector }
  const ratio = (share: string) => ({
    ...to,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: share,
  })
  return {
    disabled: { OTEL_SDK_DISABLED: 'true' },
    'no endpoint': {},
    '0 % sampled': ratio('0'),
    '10 % sampled': ratio('0.1'),
    '100 % sampled': ratio('1'),
  }
}

/** A service on the embedded database: none of the requests here asks it anything. */
export async function startContender(
  { processes, folder, runtime }: Pick<RequestBenchOptions, 'processes' | 'folder' | 'runtime'>,
  name: string,
  variables: Variables,
) {
  const port = String(await freePort())
  const dataDir = join(folder, port)
  await fillDataDir(dataDir)
  const child = processes.start(
    'src/main.ts',
    {
      PORT: port,
      CALY_DATA_DIR: dataDir,
      CALY_ADMIN_EMAIL: 'bench@example.com',
      CALY_ADMIN_PASSWORD: 'correct horse battery staple',
      RATE_LIMIT_GLOBAL: '999999999/1m',
      LOG_FORMAT: 'json',
      SCAN_SCHEDULE: 'off',
      ...variables,
    },
    runtime,
  )
  const url = new URL(`http://127.0.0.1:${port}/api`)
  await answering(url)
  return { name, url, child }
}

/** Runs all contenders in turns. */
export async function benchRequests(options: RequestBenchOptions): Promise<RequestBench> {
  const { rounds, seconds } = options
  const running = []
  for (const [name, variables] of Object.entries(contenders(options.collector)))
    running.push({
      ...(await startContender(options, name, variables)),
      costs: [] as number[],
      rates: [] as number[],
      failures: 0,
    })
  for (const { url } of running) await load({ url, seconds: 2, connections })
  for (let round = 0; round < rounds; round++)
    for (const contender of running) {
      const { url } = contender
      const before = await cpuOf(url)
      const { requests, rate, failures } = await load({ url, seconds, connections })
      contender.costs.push(((await cpuOf(url)) - before) / requests)
      contender.rates.push(rate)
      contender.failures += failures
    }
  const without = running[0]?.costs ?? []
  const scrape = await scrapeOf(running.at(-1)?.url)
  for (const { child } of running) child.kill('SIGTERM')
  const requests = running.map(({ name, costs, rates, failures }) => ({
    name,
    cpu: median(costs),
    more: median(costs.map((cost, round) => cost - (without[round] ?? Number.NaN))),
    moreAtBest: Math.min(...costs) - Math.min(...without),
    rate: median(rates),
    failures,
  }))
  return { requests, scrape }
}

const scrapes = 25

async function scrapeOf(service: URL | undefined): Promise<RequestBench['scrape']> {
  const times: number[] = []
  let text = ''
  for (let scrape = 0; scrape < scrapes; scrape++) {
    const startedAt = performance.now()
    text = await (await fetch(new URL('/metrics', service))).text()
    times.push(performance.now() - startedAt)
  }
  return { milliseconds: median(times), series: (text.match(/^[^#\n]/gm) ?? []).length }
}

/** Microseconds of CPU that a service has taken so far, all threads together. */
async function cpuOf(url: URL): Promise<number> {
  const response = await fetch(new URL('/health/metrics', url))
  const { cpu } = (await response.json()) as {
    readonly cpu: { readonly user: number; readonly system: number }
  }
  return (cpu.user + cpu.system) * 1e6
}
