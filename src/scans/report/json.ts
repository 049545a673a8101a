/** For programs: the shape is documented in docs/scans.md and grows by fields only. */
import { countsOf, remediesOf } from '../findings/index.ts'
import type { ScanReport } from '../model.ts'
import { jsonText } from './plain.ts'

/** Goes up when a field changes its meaning or goes. */
const shape = 1

/** A report as JSON. What is not known is null. */
export function json(report: ScanReport): string {
  const { status, project, packages, withheld, findings, outdated, problems, notes } = report
  const remedies = remediesOf(findings).map(({ remedy, mends }) => ({
    ...remedy,
    mends: mends.map(({ package: found, advisory }) => ({ package: found, id: advisory.id })),
  }))
  const counts = countsOf(findings)
  const { startedAt, finishedAt } = report
  const about = { status, project, packages, withheld, counts }
  const whole = {
    shape,
    ...about,
    findings,
    remedies,
    outdated,
    problems,
    notes,
    startedAt,
    finishedAt,
  }
  return jsonText(
    JSON.parse(JSON.stringify(whole, (_, value) => (value === undefined ? null : value))),
  )
}
