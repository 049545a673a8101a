/** What the rest of Caly measures itself with. */
export type { OnTrouble } from './diagnostics.ts'
export { TelemetryError } from './errors.ts'
export type { Exposition } from './exposition-format.ts'
export {
  type HttpClientTelemetry,
  httpClientTelemetry,
  type OutgoingRequest,
} from './http-client.ts'
export type { Instruments } from './instruments.ts'
export { type JobTelemetry, jobTelemetry } from './job-telemetry.ts'
export { linkToOrigin, noteCall, traceOrigin } from './origin.ts'
export type { PerformanceFigures } from './performance.ts'
export { observePool, type PoolObserver, type PoolStats } from './pool-metrics.ts'
export { instrumentQueries, type PgShapedClass } from './query-spans.ts'
export type { DescribeRequest, RequestDescription } from './request-description.ts'
export { type RequestTelemetryOptions, requestTelemetry } from './request-telemetry.ts'
export type { BodyEnd } from './response-body.ts'
export { disabledTelemetry, startTelemetry } from './sdk.ts'
export type { Telemetry, TelemetryOptions } from './telemetry.ts'
export { type HoldingClass, instrumentTransactions } from './transaction-spans.ts'
