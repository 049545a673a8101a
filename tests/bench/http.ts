/**
 * What Caly costs beside bare Elysia, on this machine, in one run. Rounds are interleaved, so that a
 * machine that slows down slows all alike; quote the ratio, not the rates.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { freePort } from '../support/process.ts'
import { load, loader, type Round } from './load.ts'
import { answering, machine, median, Processes } from './processes.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 7)
const seconds = Number(process.env['BENCH_SECONDS'] ?? 3)
const connections = 32

interface Contender {
  readonly name: string
  readonly script: string
  readonly env: Readonly<Record<string, string>>
}

/** Everything on; limits are raised for the run, never off. */
const caly = {
  script: 'src/main.ts',
  env: {
    RATE_LIMIT_GLOBAL: '999999999/1m',
    LOG_FORMAT: 'json',
    CALY_ADMIN_EMAIL: 'bench@example.com',
    CALY_ADMIN_PASSWORD: 'correct horse battery staple',
  },
}
const tracingTo = (sinkPort: number) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sinkPort}`,
})
const contendersWith = (tracing: Readonly<Record<string, string>>): readonly Contender[] => [
  { name: 'bare Elysia', script: 'tests/bench/bare.ts', env: {} },
  {
    name: 'Caly, every request sampled',
    ...caly,
    env: { ...caly.env, ...tracing, OTEL_TRACES_SAMPLER: 'always_on' },
  },
  {
    name: 'Caly, 10 % sampled',
    ...caly,
    env: {
      ...caly.env,
      ...tracing,
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
    },
  },
  { name: 'Caly, no collector', ...caly },
  {
    name: 'Caly, telemetry disabled',
    ...caly,
    env: { ...caly.env, OTEL_SDK_DISABLED: 'true' },
  },
]

/** Runs it, and prints a table. */
export async function benchHttp(): Promise<void> {
  const sinkPort = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'caly-bench-'))
  const processes = new Processes()
  try {
    processes.start('tests/bench/sink.ts', { PORT: String(sinkPort) })
    const running = []
    for (const [index, contender] of contendersWith(tracingTo(sinkPort)).entries()) {
      const { name, script, env } = contender
      const port = await freePort()
      processes.start(script, {
        PORT: String(port),
        CALY_DATA_DIR: join(folder, String(index)),
        ...env,
      })
      const url = new URL(`http://127.0.0.1:${port}/api`)
      await answering(url)
      running.push({ name, url, results: [] as Round[] })
    }
    // A first round that does not count: everything is compiled after it.
    for (const { url } of running) await load({ url, seconds: 1, connections })
    for (let round = 0; round < rounds; round++)
      for (const { url, results } of running)
        results.push(await load({ url, seconds, connections }))

    const [bare] = running
    const lines = running.map(({ name, results }) => {
      const ratios = results.map(({ rate }, round) => rate / (bare?.results[round]?.rate ?? 0))
      const failures = results.reduce((sum, result) => sum + result.failures, 0)
      const rate = Math.round(median(results.map((result) => result.rate)))
      return `| ${name} | ${rate} | ${median(ratios).toFixed(2)} | ${failures} |`
    })
    const what = `GET /api, ${connections} connections, ${rounds} rounds of ${seconds} s`
    process.stdout.write(
      [
        `${what}, ${loader}, ${machine()}`,
        '',
        '| server | requests/s | ratio to bare Elysia | failures |',
        '|---|---|---|---|',
        ...lines,
        '',
      ].join('\n'),
    )
  } finally {
    processes.kill()
    await rm(folder, { recursive: true, force: true })
  }
}
