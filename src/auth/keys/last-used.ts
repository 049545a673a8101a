import { AsyncLocalStorage } from 'node:async_hooks'
import { clearTimeout, setTimeout } from 'node:timers'
import { inArray } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { apiKeys } from '#db/schema/index.ts'

/** Options of {@linkcode lastUsed}. */
export interface LastUsedOptions {
  readonly db: Drizzle
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Hears of a write that failed; the times are written with the key's next use. */
  readonly onError: (error: unknown) => void
  /** Milliseconds that uses are gathered for, so that one write serves many keys. @default {5000} */
  readonly delay?: number
}

/** Keeps when keys were last used. */
export interface LastUsed {
  /** Notes a use. Costs a look into a map; the write comes later. */
  note(keyId: string): void
  /** Writes what is noted, and stops. */
  close(): Promise<void>
}

/** A key's time is written at most so often, in milliseconds: nobody asks for the second. */
const interval = 60_000

/** Keys remembered at most. Beyond, all are forgotten, and written once more than needed. */
const maxKeys = 10_000

/**
 * Writes `last_used_at` off the path of requests: one UPDATE for all keys of a few seconds. It runs
 * in the async context in which this was made, and is no part of the request that set it off.
 */
export function lastUsed({ db, now, onError, delay = 5000 }: LastUsedOptions): LastUsed {
  const outside = AsyncLocalStorage.snapshot()
  const written = new Map<string, number>()
  let noted = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const ids = [...noted]
    noted = new Set()
    if (ids.length === 0) return
    try {
      // Waits for no row: whoever revokes several keys could be waiting for another of these.
      const free = db
        .select({ id: apiKeys.id })
        .from(apiKeys)
        .where(inArray(apiKeys.id, ids))
        .for('no key update', { skipLocked: true })
      const rows = await db
        .update(apiKeys)
        .set({ lastUsedAt: new Date(now()) })
        .where(inArray(apiKeys.id, free))
        .returning({ id: apiKeys.id })
      const done = new Set(rows.map(({ id }) => id))
      for (const id of ids) if (!done.has(id)) written.delete(id)
    } catch (error) {
      for (const id of ids) written.delete(id)
      onError(error)
    }
  }

  return {
    note(keyId) {
      const at = now()
      if (closed || at - (written.get(keyId) ?? Number.NEGATIVE_INFINITY) < interval) return
      if (written.size >= maxKeys) written.clear()
      written.set(keyId, at)
      noted.add(keyId)
      timer ??= setTimeout(() => void outside(write), delay).unref()
    },
    async close() {
      closed = true
      await write()
    },
  }
}
