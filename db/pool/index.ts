export {
  Connection,
  type ConnectionOptions,
  type Statement,
  type StatementResult,
} from './connection.ts'
export type { Lease, LeaseOptions } from './lease.ts'
export type { PoolObserver, PoolStats } from './observer.ts'
export { Pool, type PoolOptions } from './pool.ts'
export { type Probe, probe } from './probe.ts'
export { RepeatedTexts } from './repeated-texts.ts'
export { type WatchdogOptions, watchOver } from './watchdog.ts'
