import type { Finding } from '../../../../src/hooks/anomaly/index.ts'
import type { Inspect } from './inspector.ts'
import type { Row } from './rows.ts'

/** A row, and what was found in it. */
export interface Outcome {
  readonly row: Row
  readonly findings: readonly Finding[]
}

/** How many of how many. */
export interface Share {
  readonly found: number
  readonly all: number
}

/** What detection has to reach. */
export const goals = {
  /** The mean of the true positives' and the true negatives' rates, at least. */
  balancedAccuracy: 0.975,
  /** True positives, of all attacks and as the mean over the kinds, at least. */
  truePositives: 0.97,
  /** False positives of plain texts, at most. */
  falsePlain: 0.002,
  /** False positives of hard texts, at most. */
  falseHard: 0.02,
} as const

/** Sends every row where it says. */
export async function measure(rows: readonly Row[], inspect: Inspect): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const row of rows) {
    const { findings } = await inspect(row.place, row.value)
    outcomes.push({ row, findings })
  }
  return outcomes
}

/** The share of outcomes with a finding, from 0 to 1; 0 where there are none. */
export const rate = ({ found, all }: Share): number => (all === 0 ? 0 : found / all)

/** How many of the outcomes have a finding. */
export const shareOf = (outcomes: readonly Outcome[]): Share => ({
  found: outcomes.filter(({ findings }) => findings.length > 0).length,
  all: outcomes.length,
})

/** The shares of groups, by the group's name. Outcomes without a name are left out. */
export function sharesBy(
  outcomes: readonly Outcome[],
  nameOf: (row: Row) => string | null | undefined,
): Readonly<Record<string, Share>> {
  const groups = Map.groupBy(outcomes, ({ row }) => nameOf(row))
  return Object.fromEntries(
    [...groups]
      .flatMap(([name, group]) => (name == null ? [] : [[name, shareOf(group)] as const]))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}

/** Everything that is said of a set of rows. */
export function figuresOf(outcomes: readonly Outcome[]) {
  const attacks = outcomes.filter(({ row }) => row.label === 'attack')
  const honest = outcomes.filter(({ row }) => row.label === 'benign')
  const ofClass = (name: string) => shareOf(honest.filter(({ row }) => row.class === name))
  const kinds = sharesBy(attacks, ({ kind }) => kind)
  const truePositives = rate(shareOf(attacks))
  const falsePositives = rate(shareOf(honest))
  return {
    attacks: shareOf(attacks),
    honest: shareOf(honest),
    truePositives,
    meanOverKinds: mean(Object.values(kinds).map(rate)),
    falsePositives,
    falsePlain: rate(ofClass('plain')),
    falseHard: rate(ofClass('hard')),
    balancedAccuracy: (truePositives + 1 - falsePositives) / 2,
    kinds,
    wrappings: sharesBy(attacks, (row) => row.class),
    attackPlaces: sharesBy(attacks, ({ place }) => place),
    attackSources: sharesBy(attacks, ({ source }) => source),
    honestPlaces: sharesBy(honest, ({ place }) => place),
    honestClasses: sharesBy(honest, (row) => row.class),
    honestSources: sharesBy(honest, ({ source }) => source),
  }
}

/** Everything that is said of a set of rows. */
export type Figures = ReturnType<typeof figuresOf>

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
