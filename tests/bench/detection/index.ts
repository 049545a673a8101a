/**
 * How well attacks are told from honest texts, and what that costs. Every text goes through the
 * real plugin, in its place.
 */
import { cpus } from 'node:os'
import process from 'node:process'
import { inspector } from '../../hooks/anomaly/corpus/inspector.ts'
import { figuresOf, measure } from '../../hooks/anomaly/corpus/measure.ts'
import { corpus, readRows } from '../../hooks/anomaly/corpus/rows.ts'
import { type Cost, costOfInspection, type WorstCase } from './cost.ts'
import { details, examples, meetsGoals, summary, table } from './tables.ts'

/** What the measurement may be told. */
export interface DetectionOptions {
  /** Rows to measure, one JSON object a line. @default the repository's own corpus */
  readonly file?: string | undefined
  /** How many misses and how many false alarms to print. @default {0} */
  readonly show: number
  /** Prints the figures as JSON. @default {false} */
  readonly json: boolean
}

/** How many of the slowest megabytes are named. */
const slowest = 5

/** Measures, prints, and leaves exit code 1 where the corpus misses a goal. */
export async function benchDetection({ file, show, json }: DetectionOptions): Promise<void> {
  const outcomes = await measure(file === undefined ? corpus() : readRows(file), inspector())
  const figures = figuresOf(outcomes)
  if (file === undefined && !meetsGoals(figures)) process.exitCode = 1
  const line = (text: string) => process.stdout.write(`${text}\n`)
  if (!json) {
    line(`${figures.attacks.all} attacks and ${figures.honest.all} honest texts\n`)
    line(`${summary(figures)}\n\n${details(figures)}\n`)
    if (show > 0) line(`${examples(outcomes, show)}\n`)
  }
  const cost = await costOfInspection()
  line(json ? JSON.stringify({ ...figures, cost }, null, 2) : costTables(cost))
}

function costTables({ ordinary, ordinaryAtBest, without, oneString, manyStrings }: Cost): string {
  const rows = (cases: readonly WorstCase[]) =>
    cases.slice(0, slowest).map(({ name, ms }) => [name, ms.toFixed(1)])
  return [
    `Bun ${process.versions['bun']}, ${cpus().length} × ${cpus()[0]?.model}`,
    table(
      ['an ordinary request of 1 KB', 'µs'],
      [
        ['inspection, median', ordinary.toFixed(1)],
        ['inspection, quickest', ordinaryAtBest.toFixed(1)],
        ['all else, median', without.toFixed(1)],
      ],
    ),
    table(['a megabyte in one string', 'ms'], rows(oneString)),
    table(['a megabyte in a thousand strings', 'ms'], rows(manyStrings)),
  ].join('\n\n')
}
