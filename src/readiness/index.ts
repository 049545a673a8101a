/** Whether a service is ready for production, by looking at it: `caly readiness`. */
export {
  type About,
  apiRisks,
  type Check,
  type ClientKeys,
  type Context,
  type Guests,
  groups,
  type Resources,
  resourceNames,
  type SecureAddress,
} from './check.ts'
export { checks } from './checks/index.ts'
export { withGuests } from './guests.ts'
export type { Credential } from './http.ts'
export { type ReadinessStanding, readinessStanding, recordRun } from './queries.ts'
export { type Format, formats, type Run, render } from './reports/index.ts'
export { type Result, type RunOptions, runChecks, type Status } from './run.ts'
export { openTarget, type Target } from './target.ts'
export { type Verdict, verdictOf } from './verdict.ts'
