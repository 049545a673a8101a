import { Elysia } from 'elysia'
import { answersProblems } from '../refusal.ts'
import { type LimiterOptions, limiter } from './limiter.ts'

export { addressKey } from './address-key.ts'
export { gcra, type Judgement, type Quota, quota, type Verdict } from './gcra.ts'
export {
  type Charge,
  type Limited,
  type LimitedContext,
  type Limiter,
  type LimiterOptions,
  limiter,
} from './limiter.ts'
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export { type RedisStore, type RedisStoreOptions, redisStore, type Sharing } from './redis-store.ts'
export { type RouteLimit, type RouteLimits, routeLimits } from './route-limits.ts'
export type { LimiterStore, Policy } from './store.ts'

/** Options of {@linkcode rateLimit}. */
export interface RateLimitOptions extends LimiterOptions {
  /**
   * `request`: before anything is read or routed, so that unknown paths and broken bodies count.
   * `transform`: once the principal is known.
   *
   * @default 'request'
   */
  readonly stage?: 'request' | 'transform'
  /**
   * What a request to a route counts for, by the route's template; known at `transform` only.
   *
   * @default 1
   */
  readonly costs?: Readonly<Record<string, number>>
}

/**
 * Limits how often a client may ask (GCRA). Answers carry `RateLimit-Policy` and `RateLimit`, and
 * the older `X-RateLimit-*`; a refusal is 429 with `Retry-After`, after which the next request gets
 * through. A request that any limiter refuses has cost nothing with any other.
 * Stage: request or transform, see `stage`.
 *
 * @throws {RangeError} if the name cannot stand in a header
 *
 * @example Two requests a minute for each address
 * ```ts
 * import { equal } from 'node:assert/strict'
 * const key = () => '203.0.113.7'
 * const app = rateLimit({ name: 'demo', quota: quota(2, 60_000), store: memoryStore(), key })
 * const response = await app.handle(new Request('http://localhost/nothing-here'))
 * equal(response.headers.get('ratelimit'), '"demo";r=1;t=30')
 * ```
 */
export function rateLimit(options: RateLimitOptions) {
  const { name, quota, stage = 'request', costs = {}, store } = options
  const plugin = new Elysia({ name: 'caly/rate-limit', seed: name })
  const { admit } = limiter(options)
  if (quota === undefined) return plugin
  // Elysia reads in a hook's own text what it needs of the context, and whether to wait for it: a hook
  // that hands the context on, or may return a promise, makes every request read its body and wait.
  if (stage === 'request')
    return store.immediate
      ? plugin.onRequest((context) => {
          const { request, set } = context
          const isAnswered = answersProblems in context
          void admit({ request, set, isAnswered })
        })
      : plugin.onRequest(async (context) => {
          const { request, set } = context
          const isAnswered = answersProblems in context
          await admit({ request, set, isAnswered })
        })
  return store.immediate
    ? plugin.onTransform({ as: 'scoped' }, ({ request, set, route }) => {
        void admit({ request, set }, costs[route])
      })
    : plugin.onTransform({ as: 'scoped' }, async ({ request, set, route }) => {
        await admit({ request, set }, costs[route])
      })
}
