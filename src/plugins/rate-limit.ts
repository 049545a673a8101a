/** `caly/rate-limit`: so many requests of one client in so much time. */
import { Elysia } from 'elysia'
import {
  rateLimit as hook,
  type Limited,
  type LimiterStore,
  memoryStore,
  quota,
} from '../hooks/rate-limit/index.ts'
import { peerSources } from '../hooks/request-context/index.ts'
import { isOneOf } from '../hooks/request-target.ts'
import { clientKey } from './client-key.ts'

export {
  type Limited,
  type LimiterStore,
  type MemoryStoreOptions,
  memoryStore,
  type RedisStore,
  type RedisStoreOptions,
  redisStore,
} from '../hooks/rate-limit/index.ts'

/** Options of {@linkcode rateLimit}. */
export interface RateLimitOptions {
  /** The policy's name in the headers: `[a-z0-9-]`; limiters of one name count once. @default 'global' */
  readonly name?: string
  /** Requests at once, and in a window. @default 1000 */
  readonly limit?: number
  /** Milliseconds in which the whole limit comes back. @default 60_000 */
  readonly window?: number
  /** Where the counts are kept. @default this process's memory, bounded */
  readonly store?: LimiterStore
  /**
   * Whose quota a request counts against; undefined leaves it alone.
   *
   * @default the client's address: of `requestContext()` where it stands before, else of the socket;
   *   clients whose address nobody knows share one quota
   */
  readonly key?: (request: Request) => string | undefined
  /** Paths that are never limited, such as probes. @default none */
  readonly exempt?: readonly string[]
  /** Hears of each refusal, before it is answered. */
  readonly onLimited?: (limited: Limited) => unknown
  /** Hears of each verdict, for metrics. */
  readonly onVerdict?: (policy: string, allowed: boolean) => void
}

/**
 * Limits how often a client may ask, before anything is routed or read: 429 with `Retry-After`, and
 * the quota in the headers of every answer.
 *
 * @throws {RangeError} if a number is none from 1 up, or the name cannot stand in a header
 */
export function rateLimit(options: RateLimitOptions = {}) {
  const { name = 'global', limit = 1000, window = 60_000, key = clientKey, exempt = [] } = options
  const { store = memoryStore(), onLimited, onVerdict } = options
  return new Elysia({ name: 'caly/rate-limit-by-address', seed: name }).use(peerSources()).use(
    hook({
      name,
      quota: quota(limit, window),
      store,
      key: (request) => (isOneOf(request.url, exempt) ? undefined : key(request)),
      onLimited,
      onVerdict,
    }),
  )
}
