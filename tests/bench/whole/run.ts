/** What every part of the bench is told, and what it gives back. */
import type { Runtime } from '../../support/process.ts'
import type { Contenders } from '../contenders.ts'
import type { Filled } from '../filled.ts'
import type { Rounds } from '../lanes.ts'
import type { Site } from '../site.ts'

/** One run of the bench on one runtime. */
export interface Run extends Rounds {
  readonly site: Site
  readonly runtime: Runtime
  readonly contenders: Contenders
  /** Shares of requests whose spans are kept, in percent: each is a contender. */
  readonly samplings: readonly number[]
  /** For how long memory is watched, in seconds. */
  readonly watched: number
  /** What servers get copies of. */
  filled(): Promise<Filled>
  /** Hears what could not be measured, and why. */
  readonly onLeftOut: (what: string) => void
}

/** A figure by its name in {@linkcode columns}; of `name`, words. */
export type Row = { readonly name: string } & Readonly<Partial<Record<Column, number>>>

/** One table of the report. */
export interface Section {
  /** Of which part it is: its name on the command line. */
  readonly part: string
  /** What the table is of: the first column's head. */
  readonly title: string
  readonly runtime: Runtime
  /** How it was measured, in a sentence or two. */
  readonly how: string
  readonly rows: readonly Row[]
}

/** Every figure that a table may have: its unit, and the digits after the point that are shown. */
export const columns = {
  rate: ['requests/s', 0],
  cpu: ['CPU a request, µs', 1],
  toBare: ['rate to bare', 2],
  cpuToBare: ['the same by CPU', 2],
  more: ['CPU above bare, µs', 1],
  cpuOfPost: ['CPU a POST, µs', 1],
  moreOfPost: ['above bare, µs', 1],
  failures: ['failures', 0],
  p50: ['p50, ms', 2],
  p99: ['p99, ms', 2],
  p999: ['p99.9, ms', 2],
  p99ToBare: ['p99 to bare', 2],
  rssAtStart: ['RSS at start, MB', 0],
  rss: ['RSS after, MB', 0],
  after: ['after, s', 0],
  ready: ['ready, ms', 0],
  readyCpu: ['CPU until then, ms', 0],
  answered: ['answered', 0],
  putOff: ['not 200', 0],
  refused: ['refused', 0],
  unaccepted: ['reset', 0],
  lost: ['lost', 0],
  longest: ['longest wait, ms', 0],
} as const satisfies Readonly<Record<string, readonly [head: string, digits: number]>>

/** The name of a figure. */
export type Column = keyof typeof columns
