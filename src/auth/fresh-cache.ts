/** Options of {@linkcode freshCache}. */
export interface FreshCacheOptions<Value> {
  /** Entries at most; the one that was not asked for longest goes first. */
  readonly max: number
  /** Milliseconds for which an entry is believed, counted from when the database was asked. */
  readonly freshFor: number
  /** Asks the database. Undefined (no such thing) is not kept: strangers could fill the cache. */
  readonly load: (key: string) => Promise<Value | undefined>
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
}

/** What the database said a moment ago. */
export interface FreshCache<Value> {
  /** The value, from the database where the cache is not sure; throws what `load` throws. */
  get(key: string): Promise<Value | undefined>
  /** Asks the database again for whatever matches, also where an answer is on its way. */
  forget(matches: (value: Value, key: string) => boolean): void
  readonly size: number
}

interface Entry<Value> {
  readonly value: Value
  readonly askedAt: number
}

/**
 * A bounded cache (least recently used) whose entries are believed for a short while only, so that
 * a change on another replica is seen within `freshFor`. Simultaneous questions share one query.
 * A notifier may call `forget` to be faster.
 */
export function freshCache<Value>(options: FreshCacheOptions<Value>): FreshCache<Value> {
  const { max, freshFor, load, monotonic } = options
  const entries = new Map<string, Entry<Value>>()
  const loading = new Map<string, Promise<Value | undefined>>()
  /** Grows with every `forget`: an answer to a question from before is not kept. */
  let generation = 0

  async function ask(key: string): Promise<Value | undefined> {
    const [askedAt, askedIn] = [monotonic(), generation]
    const value = await load(key)
    if (generation !== askedIn) return value
    entries.delete(key)
    if (value === undefined) return undefined
    entries.set(key, { value, askedAt })
    const [oldest] = entries.keys()
    if (entries.size > max && oldest !== undefined) entries.delete(oldest)
    return value
  }

  return {
    async get(key) {
      const entry = entries.get(key)
      if (entry && monotonic() - entry.askedAt < freshFor) {
        entries.delete(key)
        entries.set(key, entry)
        return entry.value
      }
      const underway = loading.get(key)
      if (underway) return underway
      const asked = ask(key).finally(() => {
        if (loading.get(key) === asked) loading.delete(key)
      })
      loading.set(key, asked)
      return asked
    },
    forget(matches) {
      generation += 1
      loading.clear()
      for (const [key, { value }] of entries) if (matches(value, key)) entries.delete(key)
    },
    get size() {
      return entries.size
    },
  }
}
