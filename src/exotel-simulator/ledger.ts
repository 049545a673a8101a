import type { SimulatedCall } from './call.ts'

/** What the account has seen, up to a bound: the oldest is forgotten first. */
export interface Ledger {
  /** The number of the next call, from 1. */
  nextOrdinal(): number
  add(call: SimulatedCall): void
  find(sid: string): SimulatedCall | undefined
  /** Oldest first. */
  all(): readonly SimulatedCall[]
  /** Counts a request to place a call. */
  countPost(customField: string): void
  posts(customField: string): number
}

/** @param keep calls that are remembered, and custom fields whose requests are counted */
export function ledger(keep: number): Ledger {
  const calls = new Map<string, SimulatedCall>()
  const posts = new Map<string, number>()
  let ordinal = 0
  return {
    nextOrdinal() {
      ordinal += 1
      return ordinal
    },
    add(call) {
      calls.set(call.sid, call)
      forgetOldest(calls, keep)
    },
    find: (sid) => calls.get(sid),
    all: () => [...calls.values()],
    countPost(customField) {
      posts.set(customField, (posts.get(customField) ?? 0) + 1)
      forgetOldest(posts, keep)
    },
    posts: (customField) => posts.get(customField) ?? 0,
  }
}

/** A map keeps the order in which its keys came. */
function forgetOldest(map: Map<string, unknown>, keep: number): void {
  if (map.size <= keep) return
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}
