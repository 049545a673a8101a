import type { Result } from '../run.ts'
import type { Verdict } from '../verdict.ts'
import type { Run } from './told-run.ts'

/** A result as it is told and kept. */
export const plainResult = ({ check, status, sent, received, milliseconds }: Result) => ({
  id: check.id,
  group: check.group,
  status,
  title: check.title,
  intrusive: check.intrusive,
  sent,
  received,
  why: check.why,
  fix: check.fix,
  owaspApi2023: check.api.map((risk) => `API${risk}`),
  asvs5: check.asvs,
  milliseconds,
})

/** The whole run as one JSON object. */
export const json = ({ target, version, at, results }: Run, verdict: Verdict): string =>
  `${JSON.stringify({ target, version, at, ...verdict, checks: results.map(plainResult) }, undefined, 2)}\n`
