/** What the rest of Caly measures itself with. */
export type { OnTrouble } from './diagnostics.ts'
export { TelemetryError } from './errors.ts'
export type { Exposition } from './exposition/format.ts'
export {
  type HttpClientTelemetry,
  httpClientTelemetry,
  type OutgoingRequest,
} from './http-client.ts'
export type { Instruments } from './instruments/index.ts'
export { type JobTelemetry, jobTelemetry } from './jobs/job-telemetry.ts'
export { linkToOrigin, noteCall, traceOrigin } from './origin.ts'
export type { PerformanceFigures } from './process/performance.ts'
export { observePool, type PoolObserver, type PoolStats } from './queries/pool-metrics.ts'
export { instrumentQueries, type PgShapedClass } from './queries/query-spans.ts'
export { type HoldingClass, instrumentTransactions } from './queries/transaction-spans.ts'
export type { DescribeRequest, RequestDescription } from './requests/request-description.ts'
export { type RequestTelemetryOptions, requestTelemetry } from './requests/request-telemetry.ts'
export type { BodyEnd } from './requests/response-body.ts'
export { disabledTelemetry, startTelemetry } from './sdk.ts'
export type { Telemetry, TelemetryOptions } from './telemetry.ts'
