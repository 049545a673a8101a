/** What a check has found: told line by line to a person, and as one object to a program. */
import type { Assumption } from './assumptions.ts'
import { countOf, type Differences } from './shape.ts'

/** Something that went wrong. */
export interface Failure {
  /** Its name in a report for programs. */
  readonly id: string
  readonly text: string
}

/** Collects what a check finds. */
export interface Report {
  /** Tells a step. @param lines what belongs to it */
  tell(step: string, lines?: readonly string[]): void
  /** Keeps in what something differs, once for each kind of thing. @returns lines that tell it */
  compared(what: string, differences: Differences): readonly string[]
  fail(failure: Failure): void
  readonly failures: readonly Failure[]
  /** By kind of thing. */
  readonly differences: ReadonlyMap<string, Differences>
  /** How many there are. */
  readonly count: number
}

/** @param tell hears each step as it happens */
export function report(tell: Report['tell']): Report {
  const failures: Failure[] = []
  const differences = new Map<string, Differences>()
  return {
    tell,
    compared(what, found) {
      differences.set(what, joined(differences.get(what), found))
      return linesOf(found)
    },
    fail(failure) {
      failures.push(failure)
      tell(failure.text)
    },
    failures,
    differences,
    get count() {
      return [...differences.values()].reduce((sum, found) => sum + countOf(found), 0)
    },
  }
}

const join = (one: readonly string[] = [], other: readonly string[]): readonly string[] => [
  ...new Set([...one, ...other]),
]

const joined = (one: Differences | undefined, other: Differences): Differences => ({
  fresh: join(one?.fresh, other.fresh),
  missing: join(one?.missing, other.missing),
  otherType: join(one?.otherType, other.otherType),
})

const linesOf = ({ fresh, missing, otherType }: Differences): readonly string[] =>
  [
    ['new', fresh] as const,
    ['missing', missing] as const,
    ['of another type', otherType] as const,
  ].flatMap(([word, names]) => (names.length === 0 ? [] : [`${word}: ${names.join(', ')}`]))

const verdictWidth = 'confirmed'.length

/** What a person reads at the end. */
export function summaryOf(
  { failures, count }: Pick<Report, 'failures' | 'count'>,
  assumptions: readonly Assumption[],
): readonly string[] {
  const told = assumptions.map(({ verdict, says }) => `  ${verdict.padEnd(verdictWidth)}  ${says}`)
  const faults = failures.map(({ text }) => `  ${text}`)
  return [
    ...(told.length > 0 ? ['', 'What Caly assumes of Exotel:', ...told] : []),
    ...(faults.length > 0 ? ['', 'What failed:', ...faults] : []),
    '',
    `${count} ${count === 1 ? 'difference' : 'differences'} from what Caly knows of Exotel`,
  ]
}
