/** How long answers take at half of what each bears. */
import type { Server } from '../contenders.ts'
import { inTurns } from '../lanes.ts'
import { load } from '../load.ts'
import type { Latencies } from '../open-loop.ts'
import { median, medianRatio } from '../statistics.ts'
import type { Run, Section } from './run.ts'

/** Of a round: the highest thousandth is of some hundred requests. */
const secondsOfRound = 3

/** Bare Elysia and the service, in turns. */
export async function latency(run: Run): Promise<Section> {
  const { contenders, samplings, runtime, rounds, connections } = run
  const servers = [await contenders.bare(), await contenders.service(Math.max(...samplings))]
  const lanes = []
  for (const server of servers) lanes.push({ ...server, ...(await bears(run, server)) })
  const results = lanes.map((): Latencies[] => [])
  for (let round = 0; round < rounds; round++)
    for (const place of inTurns(lanes.length, round)) {
      const lane = lanes[place]
      if (lane) results[place]?.push(await atHalf(run, lane))
    }
  const all = (place: number, figure: keyof Latencies) =>
    (results[place] ?? []).map((latencies) => latencies[figure])
  return {
    part: 'latency',
    title: 'GET /api at half the load',
    runtime,
    how:
      'Half of the rate that each bore in this run. Requests come at a constant rate, ' +
      `over ${connections} connections, and their time counts from when they were due (an open loop of ` +
      `the bench's own: wrk has none); ${rounds} rounds of ${secondsOfRound} s that take turns.`,
    rows: lanes.map(({ name, rate }, place) => ({
      name,
      rate: rate / 2,
      p50: median(all(place, 'p50')),
      p99: median(all(place, 'p99')),
      p999: median(all(place, 'p999')),
      p99ToBare: medianRatio(all(place, 'p99'), all(0, 'p99')),
      failures: all(place, 'failures').reduce((sum, count) => sum + count, 0),
    })),
  }
}

const path = '/api'

/** Requests a second, as many as it answers. */
async function bears({ seconds, connections }: Run, { origin }: Server) {
  const asked = { url: new URL(path, origin), connections }
  await load({ ...asked, seconds: 1 })
  const { rate } = await load({ ...asked, seconds: Math.max(2, seconds) })
  return { rate }
}

async function atHalf(
  { site, connections }: Run,
  { origin, rate }: { readonly origin: URL; readonly rate: number },
): Promise<Latencies> {
  const told = await site.processes.told('tests/bench/open-loop.ts', {
    URL: new URL(path, origin).href,
    RATE: String(rate / 2),
    SECONDS: String(secondsOfRound),
    CONNECTIONS: String(connections),
  })
  return told as Latencies
}
