import { quantile } from '../metrics/histogram.ts'
import { durationBoundaries, type RequestMetrics } from '../requests/request-metrics.ts'
import type { EventLoopDelay, EventLoopMonitor } from './event-loop.ts'
import { type ProcessFigures, processFigures } from './process-metrics.ts'

/** Figures of requests. Durations are milliseconds. */
export interface RequestFigures {
  /** Since the start. */
  readonly total: number
  readonly active: number
  /** Requests a second, over the last minute. */
  readonly rate: number
  /** Share of the last minute's requests that ended with 5xx or without a response, from 0 to 1. */
  readonly errorRate: number
  /** Since the start, estimated from a histogram's buckets; null before the first request. */
  readonly latency: {
    readonly p50: number | null
    readonly p95: number | null
    readonly p99: number | null
    readonly max: number | null
  }
}

/** What `GET /health/metrics` tells of this process. */
export interface PerformanceFigures extends ProcessFigures {
  /** Null when telemetry is disabled: nothing is measured then. */
  readonly requests: RequestFigures | null
  /** Milliseconds, over the last minute; null when disabled and before the first measurement. */
  readonly eventLoopDelay: EventLoopDelay | null
}

/** Puts the figures together: reads what is counted anyway, and measures nothing itself. */
export function performanceFigures(
  requests: RequestMetrics | undefined,
  eventLoop: EventLoopMonitor | undefined,
): PerformanceFigures {
  return {
    ...processFigures(),
    requests: requests ? requestFigures(requests) : null,
    eventLoopDelay: eventLoop?.delay() ?? null,
  }
}

function requestFigures(metrics: RequestMetrics): RequestFigures {
  const total = metrics.total()
  const recent = metrics.recent()
  const latency = (q: number) => {
    const seconds = quantile(total, durationBoundaries, q)
    return seconds === undefined ? null : seconds * 1000
  }
  return {
    total: total.count,
    active: metrics.active().reduce((sum, { count }) => sum + count, 0),
    rate: recent.requests / recent.seconds,
    errorRate: recent.requests === 0 ? 0 : recent.errors / recent.requests,
    latency: { p50: latency(0.5), p95: latency(0.95), p99: latency(0.99), max: latency(1) },
  }
}
