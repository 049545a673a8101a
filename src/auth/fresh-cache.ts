/** Options of {@linkcode freshCache}. */
export interface FreshCacheOptions<Value> {
  /** Entries at most; the one that was not asked for longest goes first. */
  readonly max: number
  /** Milliseconds for which an entry is believed, counted from when the database was asked. */
  readonly freshFor: number
  /** Milliseconds for which it is believed while every change is told. @default as `freshFor` */
  readonly toldFor?: number
  /** Since when every change has been told to `forget`, by the same clock. @default never */
  readonly toldSince?: () => number | undefined
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
 * a change on another replica is seen within `freshFor`. While somebody tells of every change, by
 * `forget`, an entry that was asked for since then is believed for longer, and costs no query.
 * Simultaneous questions share one query.
 */
export function freshCache<Value>(options: FreshCacheOptions<Value>): FreshCache<Value> {
  const {
    max,
    freshFor,
    toldFor = freshFor,
    toldSince = () => undefined,
    load,
    monotonic,
  } = options
  const entries = new Map<string, Entry<Value>>()
  const loading = new Map<string, Promise<Value | undefined>>()
  /** Grows with every `forget`: an answer to a question from before is not kept. */
  let generation = 0

  function isFresh({ askedAt }: Entry<Value>): boolean {
    const age = monotonic() - askedAt
    if (age < freshFor) return true
    const since = toldSince()
    return since !== undefined && since <= askedAt && age < toldFor
  }

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
      if (entry && isFresh(entry)) {
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
