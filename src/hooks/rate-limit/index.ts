import { Elysia } from 'elysia'
import { RateLimitError } from '../../errors.ts'
import type { Quota, Verdict } from './gcra.ts'
import type { LimiterStore } from './store.ts'

export { addressKey } from './address-key.ts'
export { gcra, type Quota, quota, type Verdict } from './gcra.ts'
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export type { LimiterStore } from './store.ts'

/** Options of {@linkcode rateLimit}. */
export interface RateLimitOptions {
  /** The policy's name, as the headers show it; also tells two limiters of one app apart. */
  readonly name: string
  /** Undefined turns the limiter off. */
  readonly quota: Quota | undefined
  readonly store: LimiterStore
  /** Whose quota a request counts against; undefined leaves the request alone. */
  readonly key: (request: Request) => string | undefined
  /**
   * `request`: before anything is read or routed. `transform`: once the principal is known.
   * @default 'request'
   */
  readonly stage?: 'request' | 'transform'
  /** Hears of each refusal; the key can be a person's, and belongs in no metric. */
  readonly onLimited?: (policy: string, key: string) => void
  /** Hears of each verdict, for metrics. */
  readonly onVerdict?: (policy: string, allowed: boolean) => void
}

type ResponseHeaders = Record<string, string | number | readonly string[] | undefined>

/**
 * Limits how often a client may ask (GCRA). Answers carry `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10) and the older `X-RateLimit-*`; a refusal is 429 with
 * `Retry-After`, after which the next request gets through.
 * Stage: request or transform, see `stage`.
 */
export function rateLimit(options: RateLimitOptions) {
  const { name, quota, store, key, stage = 'request', onLimited, onVerdict } = options
  const plugin = new Elysia({ name: 'caly/rate-limit', seed: name })
  if (quota === undefined) return plugin
  const policy = `"${name}";q=${quota.limit};w=${Math.round((quota.limit * quota.interval) / 1e6)}`

  const apply = (verdict: Verdict, headers: ResponseHeaders, counted: string) => {
    onVerdict?.(name, verdict.allowed)
    describe(headers, name, policy, quota, verdict)
    if (verdict.allowed) return
    onLimited?.(name, counted)
    throw new RateLimitError(Math.max(1, Math.ceil(verdict.retryAfter / 1e6)))
  }

  const judge = ({ request, set }: { request: Request; set: { headers: ResponseHeaders } }) => {
    const counted = key(request)
    if (counted === undefined) return undefined
    const verdict = store.take(`${name}\u0000${counted}`, quota, 1)
    if (verdict instanceof Promise)
      return verdict.then((judged) => apply(judged, set.headers, counted))
    apply(verdict, set.headers, counted)
    return undefined
  }

  return stage === 'request'
    ? plugin.onRequest(({ request, set }) => judge({ request, set }))
    : plugin.onTransform({ as: 'scoped' }, ({ request, set }) => judge({ request, set }))
}

/** Writes both families of headers; of several policies the older family shows the tightest. */
function describe(
  headers: ResponseHeaders,
  name: string,
  policy: string,
  { limit }: Quota,
  { remaining, reset }: Verdict,
): void {
  const seconds = Math.ceil(reset / 1e6)
  const append = (field: string, item: string) => {
    headers[field] = headers[field] === undefined ? item : `${headers[field]}, ${item}`
  }
  append('ratelimit-policy', policy)
  append('ratelimit', `"${name}";r=${remaining};t=${seconds}`)
  const shown = headers['x-ratelimit-remaining']
  if (shown !== undefined && Number(shown) <= remaining) return
  headers['x-ratelimit-limit'] = String(limit)
  headers['x-ratelimit-remaining'] = String(remaining)
  headers['x-ratelimit-reset'] = String(seconds)
}
