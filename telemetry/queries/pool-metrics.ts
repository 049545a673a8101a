import { trace } from '@opentelemetry/api'
import type { Telemetry } from '../telemetry.ts'

/** The state of a connection pool at one moment. */
export interface PoolStats {
  /** Connections at most. */
  readonly limit: number
  /** Connections kept open. */
  readonly min: number
  readonly used: number
  readonly idle: number
  /** Callers that wait for a connection. */
  readonly pending: number
  /** Callers that gave up waiting, since the start. */
  readonly timeouts: number
}

/** What a pool tells as it happens. Durations are milliseconds. */
export interface PoolObserver {
  /** A caller got its connection, after so long. */
  onWait(milliseconds: number): void
  /** A connection came back, after so long. */
  onUse(milliseconds: number): void
  /** A connection was opened, which took so long. */
  onCreate(milliseconds: number): void
  /**
   * A piece of work spent so long on one stage. Told within its own context: a wait for a connection
   * goes into the span of the query or transaction that waited, as `caly.db.connection.wait`
   * (seconds), so that it can be told from the database's own time.
   */
  onTime(stage: 'pool' | 'query', milliseconds: number): void
}

/**
 * Publishes a pool as `db.client.connection.*`.
 *
 * @param name tells pools apart; one of ours, not from outside
 * @param stats read at each scrape
 */
export function observePool(
  { meter, instruments }: Pick<Telemetry, 'meter' | 'instruments'>,
  name: string,
  stats: () => PoolStats,
): PoolObserver {
  const pool = { 'db.client.connection.pool.name': name }
  const gauge = (suffix: string, unit: string, description: string) =>
    meter.createObservableUpDownCounter(`db.client.connection.${suffix}`, { unit, description })
  const count = gauge('count', '{connection}', 'Connections, by state.')
  const limit = gauge('limit', '{connection}', 'The most connections allowed.')
  const idleMin = gauge('idle.min', '{connection}', 'Connections kept open while idle.')
  const idleMax = gauge('idle.max', '{connection}', 'The most connections allowed to be idle.')
  const pending = gauge('pending_requests', '{request}', 'Callers waiting for a connection.')
  const timeouts = meter.createObservableCounter('db.client.connection.timeouts', {
    unit: '{timeout}',
    description: 'Callers that gave up waiting for a connection.',
  })
  meter.addBatchObservableCallback(
    (result) => {
      const now = stats()
      result.observe(count, now.used, { ...pool, 'db.client.connection.state': 'used' })
      result.observe(count, now.idle, { ...pool, 'db.client.connection.state': 'idle' })
      result.observe(limit, now.limit, pool)
      result.observe(idleMin, now.min, pool)
      // Idle connections above the minimum are closed by age, not by number.
      result.observe(idleMax, now.limit, pool)
      result.observe(pending, now.pending, pool)
      result.observe(timeouts, now.timeouts, pool)
    },
    [count, limit, idleMin, idleMax, pending, timeouts],
  )
  return {
    onWait: (milliseconds) => instruments.connectionWait.record(milliseconds / 1000, pool),
    onUse: (milliseconds) => instruments.connectionUse.record(milliseconds / 1000, pool),
    onCreate: (milliseconds) => instruments.connectionCreate.record(milliseconds / 1000, pool),
    onTime(stage, milliseconds) {
      if (stage === 'pool')
        trace.getActiveSpan()?.setAttribute('caly.db.connection.wait', milliseconds / 1000)
    },
  }
}
