import type { Telemetry } from '#telemetry/index.ts'
import type { Config } from '../config.ts'
import { type LimiterStore, memoryStore, redisStore } from '../hooks/rate-limit/index.ts'
import type { Logger } from '../log/index.ts'

/** Where this process counts requests. */
export interface OwnLimiterStore {
  readonly store: LimiterStore
  /** What is wrong with it, for `/health/ready`; nothing can be where each is meant to count alone. */
  readonly warnings: () => { readonly rateLimits?: string | undefined }
  readonly close: () => void
}

/**
 * Opens the store of the rate limits: in memory, with `REDIS_URL` shared by all replicas. Redis may be
 * away at the start, or go at any time: then this process counts alone, says so, and comes back.
 */
export async function openLimiterStore(
  { redisUrl }: Config,
  log: Logger,
  { instruments }: Telemetry,
): Promise<OwnLimiterStore> {
  const standIn = memoryStore()
  if (redisUrl === undefined)
    return { store: standIn, warnings: () => ({}), close: () => undefined }
  const store = redisStore({
    url: redisUrl,
    standIn,
    onSharing(sharing, error) {
      if (sharing === 'shared') log.info('rate limits are shared by all replicas')
      else log.warn({ error }, 'Redis is away: each replica counts rate limits alone')
    },
  })
  await store.opened
  const isShared = () => store.sharing === 'shared'
  instruments.rateLimitsShared.addCallback((result) => result.observe(isShared() ? 1 : 0))
  return {
    store,
    warnings: () => ({
      rateLimits: isShared() ? undefined : 'Redis is away: each replica counts alone',
    }),
    close: store.close,
  }
}
