/**
 * Caly beside other frameworks whose plugins do the same work: security headers, a rate limit, ids,
 * a log line, problems for errors, a span of every request to a collector. Everybody's work is
 * compared first. Rounds are interleaved, so that a machine that slows down slows all alike; quote the
 * ratio, not the rates.
 */
import { loadavg } from 'node:os'
import process from 'node:process'
import { load, loader, type Round } from '../load.ts'
import { answering, machine, Processes } from '../processes.ts'
import { median } from '../statistics.ts'
import {
  bare,
  type Contender,
  caly,
  installPeers,
  nodeVersion,
  peers,
  variables,
} from './contenders.ts'
import { compareAnswers, compareWork, jobs, localUrl } from './sameness.ts'

/** How the bench runs. */
export interface PeersBenchOptions {
  /** Prints the figures as JSON instead of tables. */
  readonly json: boolean
}

/** A contender's figures for one job. Ratios are medians of the rounds' ratios. */
interface Figures {
  readonly name: string
  readonly rate: number
  readonly toBare: number
  readonly failures: number
}

interface JobFigures {
  readonly job: string
  readonly contenders: readonly Figures[]
  readonly bestPeer: string
  readonly calyToBestPeer: number
}

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 7)
const seconds = Number(process.env['BENCH_SECONDS'] ?? 3)
const connections = 32
const raisedLimit = 999_999_999

interface Running {
  readonly contender: Contender
  readonly origin: URL
  /** By job, in its order. */
  readonly results: readonly Round[][]
}

/** Compares, measures, and prints. */
export async function benchPeers({ json }: PeersBenchOptions): Promise<void> {
  installPeers()
  await compareWork()
  const processes = new Processes()
  try {
    const running = await startAll(processes)
    await compareAnswers(running)
    // A first round that does not count: everything is compiled after it.
    await round(running, 1)
    const measured = running.map((one) => ({ ...one, results: jobs.map((): Round[] => []) }))
    for (let count = 0; count < rounds; count++) await round(measured, seconds)
    const figures = {
      machine: machine(),
      node: nodeVersion,
      loader,
      load: loadavg()[0],
      jobs: jobs.map(({ name }, job) => figuresOf(name, job, measured)),
    }
    process.stdout.write(json ? `${JSON.stringify(figures, null, 2)}\n` : tables(figures))
  } finally {
    processes.kill()
  }
}

async function startAll(processes: Processes): Promise<readonly Running[]> {
  const collector = await localUrl()
  // One for all; it takes spans and forgets them.
  processes.start('tests/bench/sink.ts', { PORT: collector.port })
  await answering(collector)
  const running: Running[] = []
  for (const contender of [bare, caly, ...peers]) {
    const origin = await localUrl()
    const env = variables(Number(origin.port), collector, raisedLimit)
    processes.start(contender.script, env, contender.runtime)
    await answering(origin)
    running.push({ contender, origin, results: jobs.map(() => []) })
  }
  return running
}

async function round(running: readonly Running[], duration: number): Promise<void> {
  for (const [job, { path, body }] of jobs.entries())
    for (const { origin, results } of running) {
      const url = new URL(path, origin)
      const asked = { url, seconds: duration, connections, ...(body !== undefined && { body }) }
      results[job]?.push(await load(asked))
    }
}

function figuresOf(name: string, job: number, running: readonly Running[]): JobFigures {
  const ratesOf = (wanted: Contender | string) =>
    running
      .find(({ contender }) => contender === wanted || contender.name === wanted)
      ?.results[job]?.map(({ rate }) => rate) ?? []
  const ratio = (rates: readonly number[], others: readonly number[]) =>
    median(rates.map((rate, count) => rate / (others[count] ?? Number.NaN)))
  const contenders = running.map(({ contender, results }) => ({
    name: contender.name,
    rate: Math.round(median(ratesOf(contender))),
    toBare: ratio(ratesOf(contender), ratesOf(bare)),
    failures: (results[job] ?? []).reduce((sum, { failures }) => sum + failures, 0),
  }))
  const isPeer = (one: Figures) => peers.some((peer) => peer.name === one.name)
  const best = contenders.filter(isPeer).toSorted((one, other) => other.rate - one.rate)[0]
  const bestPeer = best?.name ?? ''
  return {
    job: name,
    contenders,
    bestPeer,
    calyToBestPeer: ratio(ratesOf(caly), ratesOf(bestPeer)),
  }
}

function tables(figures: {
  readonly machine: string
  readonly node: string
  readonly loader: string
  readonly load: number | undefined
  readonly jobs: readonly JobFigures[]
}): string {
  const how = `${connections} connections, ${rounds} rounds of ${seconds} s, ${figures.loader}`
  return [
    `${how}, ${figures.machine}, load ${figures.load?.toFixed(1)}; Express and Fastify on ${figures.node}`,
    ...figures.jobs.flatMap(({ job, contenders, bestPeer, calyToBestPeer }) => [
      '',
      `| ${job} | requests/s | ratio to bare Elysia | failures |`,
      '|---|---|---|---|',
      ...contenders.map(
        ({ name, rate, toBare, failures }) =>
          `| ${name} | ${rate} | ${toBare.toFixed(2)} | ${failures} |`,
      ),
      '',
      `Caly is ${calyToBestPeer.toFixed(2)} times the best peer, ${bestPeer}.`,
    ]),
    '',
  ].join('\n')
}
