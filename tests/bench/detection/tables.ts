import {
  type Figures,
  goals,
  type Outcome,
  rate,
  type Share,
} from '../../hooks/anomaly/corpus/measure.ts'

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'))
  return [line(head), `|${rule.join('|')}|`, ...rows.map(line)].join('\n')
}

/** What was measured, beside what has to be reached. */
export const summary = (figures: Figures): string =>
  table(
    ['', 'measured', 'goal', ''],
    goalsOf(figures).map(({ name, measured, goal, least, met }) => [
      name,
      measured.toFixed(4),
      `${least ? '≥' : '≤'} ${goal}`,
      met ? 'met' : '**missed**',
    ]),
  )

/** Whether every goal is reached. */
export const meetsGoals = (figures: Figures): boolean => goalsOf(figures).every(({ met }) => met)

/** What was found by kind, by wrapping and by place, and what was told of honest texts. */
export const details = (figures: Figures): string =>
  [
    shares('attacks of the kind', figures.kinds),
    shares('attacks that are', figures.wrappings),
    shares('attacks in the', figures.attackPlaces),
    shares('attacks from', figures.attackSources),
    shares('honest texts in the', figures.honestPlaces),
    shares('honest texts that are', figures.honestClasses),
    shares('honest texts from', figures.honestSources),
  ]
    .filter((text) => text !== '')
    .join('\n\n')

/** The first few attacks that were missed, and honest texts that were not let pass. */
export function examples(outcomes: readonly Outcome[], many: number): string {
  const missed = outcomes.filter(({ row, findings }) => row.label === 'attack' && !findings.length)
  const wrong = outcomes
    .filter(({ row, findings }) => row.label === 'benign' && findings.length)
    .sort((one, other) => strongest(other) - strongest(one))
  return [
    `${missed.length} missed:`,
    ...missed.slice(0, many).map(({ row }) => `- ${row.kind} in ${row.place}: ${shown(row.value)}`),
    '',
    `${wrong.length} false alarms:`,
    ...wrong.slice(0, many).map(({ row, findings }) => {
      const told = findings.map(({ kind, score }) => `${kind} ${score.toFixed(2)}`).join(', ')
      return `- ${told} for ${row.class} in ${row.place}: ${shown(row.value)}`
    }),
  ].join('\n')
}

/** Every goal, what was measured of it, and whether that is enough. */
function goalsOf(figures: Figures) {
  const least = (name: string, measured: number, goal: number) => ({
    ...{ name, measured, goal, least: true, met: measured >= goal },
  })
  const most = (name: string, measured: number, goal: number) => ({
    ...{ name, measured, goal, least: false, met: measured <= goal },
  })
  return [
    least('balanced accuracy', figures.balancedAccuracy, goals.balancedAccuracy),
    least('true positives', figures.truePositives, goals.truePositives),
    least('true positives, mean over kinds', figures.meanOverKinds, goals.truePositives),
    most('false positives, plain', figures.falsePlain, goals.falsePlain),
    most('false positives, hard', figures.falseHard, goals.falseHard),
  ]
}

function shares(what: string, groups: Readonly<Record<string, Share>>): string {
  const rows = Object.entries(groups).map(([name, share]) => [
    name,
    `${share.found}`,
    `${share.all}`,
    (rate(share) * 100).toFixed(2),
  ])
  return rows.length === 0 ? '' : table([what, 'told', 'of', '%'], rows)
}

const strongest = ({ findings }: Outcome): number =>
  Math.max(0, ...findings.map(({ score }) => score))

/** A value on one line, and not too long. */
const shown = (value: string): string => JSON.stringify(value).slice(0, 300)
