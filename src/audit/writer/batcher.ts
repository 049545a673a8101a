import { setImmediate } from 'node:timers'

/** Options of {@linkcode batcher}. */
export interface BatcherOptions<Item> {
  /** Works a batch off. Must not reject. */
  readonly deliver: (batch: readonly Item[]) => Promise<void>
  /** Items of one batch at most. */
  readonly size: number
  /** Batches at a time. */
  readonly concurrency: number
  /** Milliseconds that an item waits for the batch before it; then it goes beside that one. */
  readonly patience: number
}

/** Gathers items into batches, in their order. */
export interface Batcher<Item> {
  push(item: Item): void
  /** Items that are in no batch yet. */
  waiting(): number
  /** The one that was pushed first of those that are not worked off; undefined where all are. */
  oldest(): Item | undefined
  /** Resolves once nothing waits and no batch is under way. */
  idle(): Promise<void>
}

/**
 * Items gather while a batch is under way and go with the next, as soon as that one is done: under
 * little load each goes at once, under much many go together.
 */
export function batcher<Item>(options: BatcherOptions<Item>): Batcher<Item> {
  const { deliver, size, concurrency, patience } = options
  let queue: Item[] = []
  const underWay = new Set<readonly Item[]>()
  let scheduled = false
  let timer: NodeJS.Timeout | undefined
  let idle = Promise.withResolvers<void>()
  idle.resolve()

  function send(urgent: boolean): void {
    clearTimeout(timer)
    timer = undefined
    for (let first = urgent; queue.length > 0 && mayGo(first); first = false) {
      const batch = queue.slice(0, size)
      queue = queue.slice(size)
      underWay.add(batch)
      void deliver(batch).finally(() => {
        underWay.delete(batch)
        send(false)
      })
    }
    if (queue.length > 0) wait()
    else if (underWay.size === 0) idle.resolve()
  }

  const mayGo = (urgent: boolean): boolean =>
    underWay.size === 0 || (underWay.size < concurrency && (urgent || queue.length >= size))

  function wait(): void {
    timer ??= setTimeout(() => send(true), patience)
  }

  /** What else happens in this turn of the loop comes along. */
  function sendSoon(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      send(false)
    })
  }

  return {
    push(item) {
      if (queue.length === 0 && underWay.size === 0 && !scheduled) idle = Promise.withResolvers()
      queue.push(item)
      if (mayGo(false)) sendSoon()
      else wait()
    },
    waiting: () => queue.length,
    oldest() {
      const [first = queue] = underWay
      return first[0]
    },
    idle: () => idle.promise,
  }
}
