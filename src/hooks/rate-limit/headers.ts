import type { Verdict } from './gcra.ts'
import type { Policy } from './store.ts'

/** Headers of an answer, as Elysia keeps them. */
export type ResponseHeaders = Record<string, string | number | readonly string[] | undefined>

/**
 * Makes what writes both families of headers: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10), one item a policy, and `X-RateLimit-*`, which have room
 * for one and show the tightest. Times are whole seconds, rounded up.
 */
export function describer({ name, quota: { limit, interval } }: Policy) {
  const policy = `"${name}";q=${limit};w=${Math.round((limit * interval) / 1e6)}`
  const shownLimit = String(limit)
  return (headers: ResponseHeaders, { remaining, reset }: Verdict): void => {
    const left = String(remaining)
    const seconds = String(Math.ceil(reset / 1e6))
    append(headers, 'ratelimit-policy', policy)
    append(headers, 'ratelimit', `"${name}";r=${left};t=${seconds}`)
    const shown = headers['x-ratelimit-remaining']
    if (shown !== undefined && Number(shown) <= remaining) return
    headers['x-ratelimit-limit'] = shownLimit
    headers['x-ratelimit-remaining'] = left
    headers['x-ratelimit-reset'] = seconds
  }
}

function append(headers: ResponseHeaders, field: string, item: string): void {
  const before = headers[field]
  headers[field] = before === undefined ? item : `${before}, ${item}`
}
