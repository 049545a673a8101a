import type { Failure } from './failure.ts'

/**
 * Milliseconds to wait before another attempt; undefined where another one is no use.
 *
 * Doubles each time, and is half chance, so that scans of many machines do not come back together.
 */
export function backoff(
  { passing, retryAfter }: Failure,
  { nth, pause, longestPause }: { nth: number; pause: number; longestPause: number },
): number | undefined {
  if (!passing) return undefined
  const usual = pause * 2 ** (nth - 1) * (0.5 + Math.random() / 2)
  if (retryAfter === undefined) return Math.min(usual, longestPause)
  return retryAfter > longestPause ? undefined : Math.max(retryAfter, usual)
}

/** What a `Retry-After` asks for, in milliseconds (RFC 9110 §10.2.3); undefined for what is neither. */
export function retryAfterOf(field: string | null): number | undefined {
  if (field === null) return undefined
  if (/^\d+$/.test(field.trim())) return Number(field) * 1000
  const date = Date.parse(field)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

/** Waits, or until the signal comes. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
