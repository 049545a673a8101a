/**
 * What telemetry costs and bears, on this machine, in one run: CPU time of a request and of a query
 * with it and without, spans a second to a collector that is 50 ms away, a scrape, and a stop with
 * the collector gone. `CALY_TEST_RUNTIME=deno` measures under Deno.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { freePort, testedRuntime } from '../../support/process.ts'
import { answering, machine, Processes } from '../processes.ts'
import type { QueryCost } from './queries.ts'
import { benchRequests, type RequestBench } from './requests.ts'
import type { SpanFlow } from './spans.ts'
import { benchStops, type StopTime, stopTimeout } from './stops.ts'

/** How the bench runs. */
export interface TelemetryBenchOptions {
  /** Prints the figures as JSON instead of tables. */
  readonly json: boolean
}

/** All figures of a run. */
interface TelemetryFigures extends RequestBench {
  readonly machine: string
  readonly runtime: string
  readonly queries: readonly QueryCost[]
  readonly spans: SpanFlow & { readonly taken: number }
  readonly stops: readonly StopTime[]
}

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 25)
const seconds = Number(process.env['BENCH_SECONDS'] ?? 1)
const spanRate = 20_000
const spanSeconds = 10
const collectorDelay = 50

/** Measures, and prints. */
export async function benchTelemetry({ json }: TelemetryBenchOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-bench-'))
  const processes = new Processes()
  const common = { processes, folder, runtime: testedRuntime }
  try {
    const { url: collector } = await sinkOf(processes, {})
    const figures: TelemetryFigures = {
      machine: machine(),
      runtime: testedRuntime,
      ...(await benchRequests({ ...common, collector: collector.href, rounds, seconds })),
      queries: await queryCosts(processes, collector),
      spans: await spanFlow(processes),
      stops: await benchStops(common),
    }
    process.stdout.write(json ? `${JSON.stringify(figures, null, 2)}\n` : tables(figures))
  } finally {
    processes.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

async function sinkOf(processes: Processes, env: Readonly<Record<string, string>>) {
  const port = String(await freePort())
  processes.start('tests/bench/sink.ts', { PORT: port, ...env })
  const url = new URL(`http://127.0.0.1:${port}`)
  await answering(url)
  return { url, spans: async () => Number(await (await fetch(url)).text()) }
}

async function queryCosts(processes: Processes, collector: URL): Promise<readonly QueryCost[]> {
  const server = process.env['TEST_DATABASE_URL']
  const told = await processes.told(
    'tests/bench/telemetry/queries.ts',
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.href,
      ...(server !== undefined && { TEST_DATABASE_URL: server }),
    },
    testedRuntime,
  )
  return told as readonly QueryCost[]
}

async function spanFlow(processes: Processes): Promise<TelemetryFigures['spans']> {
  const sink = await sinkOf(processes, { DELAY: String(collectorDelay), COUNT: 'yes' })
  const flow = (await processes.told(
    'tests/bench/telemetry/spans.ts',
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url.href,
      RATE: String(spanRate),
      SECONDS: String(spanSeconds),
    },
    testedRuntime,
  )) as SpanFlow
  return { ...flow, taken: await sink.spans() }
}

function tables({ requests, scrape, queries, spans, stops, ...run }: TelemetryFigures): string {
  const us = (value: number) => value.toFixed(1)
  return [
    `${run.machine}, the service on ${run.runtime}, ${rounds} rounds of ${seconds} s`,
    '',
    '| GET /api, telemetry | CPU a request, µs | telemetry’s part, µs | at best, µs | requests/s | failures |',
    '|---|---|---|---|---|---|',
    ...requests.map(
      ({ name, cpu, more, moreAtBest, rate, failures }) =>
        `| ${name} | ${us(cpu)} | ${us(more)} | ${us(moreAtBest)} | ${Math.round(rate)} | ${failures} |`,
    ),
    '',
    '| query, every request sampled | CPU without, µs | telemetry’s part, µs | at best, µs |',
    '|---|---|---|---|',
    ...queries.map(
      ({ client, without, more, moreAtBest }) =>
        `| client: ${client} | ${us(without)} | ${us(more)} | ${us(moreAtBest)} |`,
    ),
    '',
    `| spans to a collector ${collectorDelay} ms away | |`,
    '|---|---|',
    `| made | ${spans.made} in ${spans.seconds.toFixed(1)} s |`,
    ...Object.entries(spans.processed).map(([name, count]) => `| ${name} | ${count} |`),
    `| counted by the collector | ${spans.taken} |`,
    '',
    '| scrape of /metrics | |',
    '|---|---|',
    `| time | ${scrape.milliseconds.toFixed(1)} ms |`,
    `| series | ${scrape.series} |`,
    '',
    `| stop, SHUTDOWN_TIMEOUT ${stopTimeout / 1000} s; the collector | s | exit code |`,
    '|---|---|---|',
    ...stops.map(
      ({ collector, seconds: taken, exitCode }) =>
        `| ${collector} | ${taken.toFixed(2)} | ${exitCode} |`,
    ),
    '',
  ].join('\n')
}
