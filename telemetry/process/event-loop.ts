/** How late timers came, in milliseconds, over the last minute. */
export interface EventLoopDelay {
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly stddev: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

/** Measures how long the event loop is held up. */
export interface EventLoopMonitor {
  /** Undefined until the first measurement. */
  delay(): EventLoopDelay | undefined
  stop(): void
}

const interval = 20
const windowLength = 60_000 / interval

/**
 * Measures the event loop's delay by how late a timer of 20 ms comes. `monitorEventLoopDelay` of
 * `node:perf_hooks` would do it for free, but reads 0.07 ms under Deno when the loop was held up
 * for 200; this is right on both runtimes.
 */
export function monitorEventLoop(): EventLoopMonitor {
  const delays = new Float64Array(windowLength)
  let measured = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    delays[measured++ % windowLength] = Math.max(0, now - last - interval)
    last = now
  }, interval)
  timer.unref()
  let summarized = { at: 0, delay: undefined as EventLoopDelay | undefined }
  return {
    delay() {
      // Sorting a minute takes a tenth of a millisecond, and probes may ask a thousand times a second.
      if (summarized.at !== measured)
        summarized = {
          at: measured,
          delay: summarize(delays.slice(0, Math.min(measured, windowLength))),
        }
      return summarized.delay
    },
    stop: () => clearInterval(timer),
  }
}

function summarize(delays: Float64Array): EventLoopDelay | undefined {
  const sorted = delays.sort()
  const { length } = sorted
  if (length === 0) return undefined
  const at = (q: number) => sorted[Math.min(length - 1, Math.floor(q * length))] as number
  const mean = sorted.reduce((sum, delay) => sum + delay, 0) / length
  const variance = sorted.reduce((sum, delay) => sum + (delay - mean) ** 2, 0) / length
  return {
    min: at(0),
    max: at(1),
    mean,
    stddev: Math.sqrt(variance),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
  }
}
