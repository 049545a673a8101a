import { beforeAll, describe, expect, test } from 'bun:test'
import { kinds } from '../../../src/hooks/anomaly/finding.ts'
import { inspector } from './corpus/inspector.ts'
import { goals, measure, type Outcome } from './corpus/measure.ts'
import { corpus } from './corpus/rows.ts'

const rows = corpus()
const attacks = rows.filter(({ label }) => label === 'attack')
const honest = rows.filter(({ label }) => label === 'benign')
const honestOf = (name: string) => honest.filter((row) => row.class === name)

/** Kinds that services are attacked with most, and how many texts of each there are at least. */
const common = ['sql-injection', 'cross-site-scripting', 'command-injection', 'path-traversal']
const leastOf = (kind: string) => (common.includes(kind) ? 60 : 12)

describe('the corpus', () => {
  test('has 300 attacks and 1,000 honest texts at least', () => {
    expect(attacks.length).toBeGreaterThanOrEqual(300)
    expect(honest.length).toBeGreaterThanOrEqual(1000)
    expect(honestOf('plain').length + honestOf('hard').length).toBe(honest.length)
  })

  test('has attacks of every kind, and in every place', () => {
    const few = kinds.filter(
      (kind) => attacks.filter((row) => row.kind === kind).length < leastOf(kind),
    )
    expect(few).toEqual([])
    expect(new Set(attacks.map(({ place }) => place)).size).toBe(4)
    expect(attacks.filter(({ kind }) => !kinds.some((known) => known === kind))).toEqual([])
  })

  test('says nothing twice, whatever the case and the spaces', () => {
    const seen = new Set<string>()
    const twice = rows.filter(({ value }) => {
      const folded = value.toLowerCase().replace(/\s+/g, '')
      return seen.size === seen.add(folded).size
    })
    expect(twice.map(({ value }) => value)).toEqual([])
  })
})

describe('anomalyInspection()', () => {
  let outcomes: readonly Outcome[] = []
  beforeAll(async () => {
    outcomes = await measure(rows, inspector())
  })
  const attacksOf = (kind?: string) =>
    outcomes.filter(
      ({ row }) => row.label === 'attack' && (kind === undefined || row.kind === kind),
    )
  const missed = (all: readonly Outcome[]) => all.filter(({ findings }) => findings.length === 0)
  const misnamed = (all: readonly Outcome[], kind: string) =>
    all.filter(({ findings }) => !findings.some((found) => found.kind === kind))

  test('finds 97 of 100 attacks of the corpus', () => {
    const all = attacksOf()
    expect(beyond(missed(all), all, 1 - goals.truePositives)).toEqual([])
  })

  for (const kind of kinds) {
    test(`finds 9 of 10 attacks by ${kind}`, () => {
      const all = attacksOf(kind)
      expect(beyond(missed(all), all, 0.1)).toEqual([])
    })

    test(`calls 3 of 4 attacks by ${kind} by that name`, () => {
      const all = attacksOf(kind)
      expect(beyond(misnamed(all, kind), all, 0.25)).toEqual([])
    })
  }

  for (const [name, most] of [
    ['plain', goals.falsePlain],
    ['hard', goals.falseHard],
  ] as const)
    test(`takes no more than ${most * 100} % of ${name} texts for attacks`, () => {
      const all = outcomes.filter(({ row }) => row.label === 'benign' && row.class === name)
      const flagged = all.filter(({ findings }) => findings.length > 0)
      expect(beyond(flagged, all, most)).toEqual([])
    })
})

/** Those that are judged wrongly, where they are more than a share of all: nothing, where not. */
function beyond(wrong: readonly Outcome[], all: readonly Outcome[], share: number) {
  expect(all.length).toBeGreaterThan(0)
  return wrong.length <= all.length * share ? [] : texts(wrong)
}

/** What a failing test lists: every text, where it stood, and what it was taken for. */
const texts = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map(({ row, findings }) => {
    const told = findings.map(({ kind, score }) => `${kind} ${score}`).join(', ') || 'nothing'
    return `${row.kind} in ${row.place}, told ${told}: ${JSON.stringify(row.value)}`
  })
