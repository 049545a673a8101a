/** Every table of the contract, one file a feature. */
export {
  auditLogs,
  auditSealKeys,
  auditSealLeaves,
  auditSealStart,
  auditSeals,
  auditSettings,
} from './audit.ts'
export {
  apiKeys,
  authChanges,
  loginAttempts,
  loginPlaces,
  refreshTokens,
  users,
} from './auth.ts'
export { callChanges, callClasses, callDurations, callSums } from './call-sums.ts'
export {
  callDirections,
  callEvents,
  callStatuses,
  calls,
  idempotencyKeys,
  webhookEvents,
} from './calls.ts'
export { clientNumbers, clients } from './clients.ts'
export { readinessRuns } from './readiness.ts'
export {
  type StoredIgnore,
  type StoredRemedy,
  scanStatuses,
  scans,
  scanTriggers,
  vulnerabilities,
  vulnerabilitySeverities,
} from './scans.ts'
