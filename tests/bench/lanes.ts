/** Servers that take turns, each asked its own question. */
import { cpuOf } from './cpu.ts'
import { load } from './load.ts'
import { median, medianDifference, medianRatio } from './statistics.ts'

/** A request that is sent over and over. */
export interface Question {
  readonly path: string
  /** JSON to post. @default none: it is a GET */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One server and what it is asked. */
export interface Lane {
  readonly name: string
  readonly origin: URL
  /** Whose CPU time counts. */
  readonly pid: number
  readonly question: Question
}

/** How all lanes are measured. */
export interface Rounds {
  readonly rounds: number
  /** Of a lane in a round. */
  readonly seconds: number
  readonly connections: number
}

/** What one lane showed; rates and costs by round. */
export interface LaneRounds {
  readonly name: string
  /** Good answers a second. */
  readonly rates: readonly number[]
  /** Microseconds of the server's CPU a request; not a number for a round in which none was answered. */
  readonly cpus: readonly number[]
  readonly failures: number
}

/** What one lane shows by itself, in the middle of its rounds. */
export interface LaneFigures {
  readonly name: string
  readonly rate: number
  readonly cpu: number
  readonly failures: number
}

/** A lane beside the one that is 1. */
export interface ComparedFigures extends LaneFigures {
  /** Its rate over that of the lane that is 1. */
  readonly toBare: number
  /** The same by CPU time: what others do on the machine meanwhile changes it less. */
  readonly cpuToBare: number
  /** Microseconds of CPU above it. */
  readonly more: number
}

/** Measures lanes in turns; each round begins with another one. */
export async function runLanes(
  lanes: readonly Lane[],
  { rounds, seconds, connections }: Rounds,
): Promise<readonly LaneRounds[]> {
  const results = lanes.map(({ name }) => ({
    name,
    rates: [] as number[],
    cpus: [] as number[],
    failures: 0,
  }))
  // A first round that does not count: everything is compiled after it.
  for (const lane of lanes) await ask(lane, seconds, connections)
  for (let round = 0; round < rounds; round++)
    for (const place of inTurns(lanes.length, round)) {
      const [lane, result] = [lanes[place], results[place]]
      if (lane === undefined || result === undefined) continue
      const before = cpuOf(lane.pid)
      const { rate, requests, failures } = await ask(lane, seconds, connections)
      // A refusal is quick: it would make the server that refuses look the quicker one.
      result.rates.push(requests === 0 ? 0 : rate * Math.max(0, 1 - failures / requests))
      result.cpus.push(requests === 0 ? Number.NaN : (cpuOf(lane.pid) - before) / requests)
      result.failures += failures
    }
  return results
}

/** Who comes when in a round: nobody is always the one after the slowest. */
export const inTurns = (count: number, round: number): readonly number[] =>
  Array.from({ length: count }, (_, place) => (place + round) % count)

function ask({ origin, question }: Lane, seconds: number, connections: number) {
  const { path, ...others } = question
  return load({ url: new URL(path, origin), seconds, connections, ...others })
}

/** The figures of a lane that has nothing to be compared with. */
export const alone = ({ name, rates, cpus, failures }: LaneRounds): LaneFigures => ({
  name,
  rate: median(rates),
  cpu: median(cpus),
  failures,
})

/**
 * The figures of lanes beside the one with a name.
 *
 * @throws {RangeError} if there is none
 */
export function besides(results: readonly LaneRounds[], bare: string): readonly ComparedFigures[] {
  const base = results.find(({ name }) => name === bare)
  if (base === undefined) throw new RangeError(`Nobody is ${bare}`)
  return results.map((lane) => ({
    ...alone(lane),
    toBare: medianRatio(lane.rates, base.rates),
    cpuToBare: medianRatio(base.cpus, lane.cpus),
    more: medianDifference(lane.cpus, base.cpus),
  }))
}
