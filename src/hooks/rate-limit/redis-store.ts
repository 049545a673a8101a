import { AsyncLocalStorage } from 'node:async_hooks'
import type { Verdict } from './gcra.ts'
import { connectRedis, type RedisConnection } from './redis-connection.ts'
import type { LimiterStore, Policy } from './store.ts'

/** Who counts: all replicas together, or this one alone while Redis is away. */
export type Sharing = 'shared' | 'alone'

/** Options of {@linkcode redisStore}. */
export interface RedisStoreOptions {
  /** `redis:` or `rediss:`, of Redis 5 or newer, or Valkey. */
  readonly url: string
  /** Counts while Redis is away or silent. */
  readonly standIn: LimiterStore
  /** Milliseconds that a request waits for Redis at most, before the stand-in judges. @default 80 */
  readonly timeout?: number
  /** Milliseconds between two attempts to come back. @default 500 */
  readonly retryDelay?: number
  /** Hears of each change, and why it fell to `alone`. */
  readonly onSharing?: (sharing: Sharing, cause?: unknown) => void
}

/** A store that all replicas share. */
export interface RedisStore extends LimiterStore {
  readonly sharing: Sharing
  /** Resolves after the first attempt to connect, however it went. */
  readonly opened: Promise<void>
  /** Ends the connection, and the attempts to get one. */
  close(): void
}

/** Milliseconds for a new connection, up to the script having run. */
const connectTimeout = 2000

/**
 * Keeps limits in Redis: one round trip a decision, one number a key, which is gone when it no longer
 * counts. The first answer that is late, wrong or missing turns to the stand-in for all requests at
 * once, those that wait included; a connection that works turns back.
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { url, standIn, timeout = 80, retryDelay = 500, onSharing = () => undefined } = options
  let connection: RedisConnection | undefined
  let told: Sharing | undefined
  let closed = false
  let retry: ReturnType<typeof setTimeout> | undefined

  /** What the store does by itself is no part of the request that was there when it began. */
  const apart = AsyncLocalStorage.snapshot()
  const tell = (sharing: Sharing, cause?: unknown) => {
    if (sharing !== told) apart(onSharing, sharing, cause)
    told = sharing
  }
  /** @param lost the connection that failed; another one may be in use by now */
  const fall = (lost: RedisConnection | undefined, cause: unknown) => {
    if (closed || lost !== connection || lost === undefined) return
    connection = undefined
    lost.close()
    tell('alone', cause)
    comeBackLater()
  }
  /** A key that somebody else has put there is its own matter; all else is the connection's. */
  const failed = (current: RedisConnection, cause: unknown) => {
    if (!(cause instanceof Error && cause.message.startsWith('WRONGTYPE'))) fall(current, cause)
  }
  const comeBackLater = () => {
    retry = setTimeout(() => void apart(comeBack), retryDelay)
    retry.unref?.()
  }
  const comeBack = async () => {
    let own: RedisConnection | undefined
    try {
      own = await connectRedis(url, connectTimeout, (cause) => fall(own, cause))
      if (closed) return own.close()
      connection = own
      tell('shared')
    } catch (cause) {
      if (closed) return
      tell('alone', cause)
      comeBackLater()
    }
  }
  const opened = comeBack()

  const run = (current: RedisConnection, { name, quota }: Policy, key: string, charge: number) =>
    within(
      timeout,
      current.run(`caly:limit:${name}:${key}`, [quota.limit * quota.interval, charge]),
    )

  return {
    opened,
    get sharing() {
      return connection === undefined ? 'alone' : 'shared'
    },
    async take(policy, key, cost) {
      const current = connection
      if (current === undefined) return standIn.take(policy, key, cost)
      try {
        return verdictOf(policy, await run(current, policy, key, policy.quota.interval * cost))
      } catch (cause) {
        failed(current, cause)
        return standIn.take(policy, key, cost)
      }
    },
    giveBack(policy, key, amount) {
      const current = connection
      if (current === undefined) return standIn.giveBack(policy, key, amount)
      run(current, policy, key, -amount).catch((cause: unknown) => failed(current, cause))
    },
    close() {
      closed = true
      clearTimeout(retry)
      connection?.close()
      connection = undefined
    },
  }
}

function verdictOf({ quota }: Policy, answer: readonly number[]): Verdict {
  const [allowed, slack = Number.NaN, reset = Number.NaN] = answer
  if (!Number.isFinite(slack + reset)) throw new Error('Redis answered what the script never does')
  return allowed === 1
    ? { allowed: true, remaining: Math.floor(slack / quota.interval), retryAfter: 0, reset }
    : { allowed: false, remaining: 0, retryAfter: -slack, reset }
}

async function within<Result>(timeout: number, work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    // A turn later: where this process was held up, the answer waits in the socket already.
    timer = setTimeout(
      () => setImmediate(reject, new Error('Redis did not answer in time')),
      timeout,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
