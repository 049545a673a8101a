import { HashIndex } from './hash-index.ts'

/** Slots at first; up to twice as many whenever all are taken. */
const firstCapacity = 1024

/**
 * Times by key, in a bounded table that knows the earliest of them: 32 to 50 bytes a key. A change
 * costs a few steps in a binary heap; nothing is ever swept.
 */
export class Counters {
  readonly #limit: number
  readonly #index: HashIndex
  #size = 0
  /** By slot: its time, and its place in the heap. */
  #times: Float64Array
  #places: Int32Array
  /** Slots; none is later than its two children. */
  #heap: Int32Array

  /** @param limit keys at most, from 1 up */
  constructor(limit: number) {
    const capacity = Math.min(firstCapacity, limit)
    this.#limit = limit
    this.#index = new HashIndex(capacity)
    this.#times = new Float64Array(capacity)
    this.#places = new Int32Array(capacity)
    this.#heap = new Int32Array(capacity)
  }

  /** Whether a new key would be one too many. */
  get isFull(): boolean {
    return this.#size === this.#limit
  }

  /** The earliest time that is kept; of none, Infinity. */
  get earliest(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#timeAt(0)
  }

  /** The slot of a key, until it is replaced; -1 where it has none. */
  find(key: string): number {
    return this.#index.find(key)
  }

  /** The time in a slot. */
  get(slot: number): number {
    return this.#times[slot] ?? 0
  }

  /** Another time for a slot. */
  set(slot: number, time: number): void {
    this.#times[slot] = time
    this.#settle(this.#places[slot] ?? 0)
  }

  /** Keeps a time for the key last looked for, which had no slot: in place of the earliest if full. */
  add(time: number): void {
    const full = this.isFull
    if (!full && this.#size === this.#times.length) this.#grow()
    const place = full ? 0 : this.#size++
    const slot = full ? (this.#heap[0] ?? 0) : place
    if (full) this.#index.drop(slot)
    this.#index.put(slot)
    this.#times[slot] = time
    this.#seat(slot, place)
    this.#settle(place)
  }

  #timeAt(place: number): number {
    return this.#times[this.#heap[place] ?? 0] ?? 0
  }

  #seat(slot: number, place: number): void {
    this.#heap[place] = slot
    this.#places[slot] = place
  }

  /** Moves what stands at a place up or down to where its time belongs. */
  #settle(start: number): void {
    const slot = this.#heap[start] ?? 0
    const time = this.#times[slot] ?? 0
    let place = start
    while (place > 0 && time < this.#timeAt((place - 1) >> 1)) {
      this.#seat(this.#heap[(place - 1) >> 1] ?? 0, place)
      place = (place - 1) >> 1
    }
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#timeAt(child + 1) < this.#timeAt(child)) child++
      if (this.#timeAt(child) >= time) break
      this.#seat(this.#heap[child] ?? 0, place)
      place = child
    }
    this.#seat(slot, place)
  }

  #grow(): void {
    const capacity = Math.min(2 * this.#times.length, this.#limit)
    const widen = <Column extends Float64Array | Int32Array>(wide: Column, old: Column) => {
      wide.set(old)
      return wide
    }
    this.#times = widen(new Float64Array(capacity), this.#times)
    this.#places = widen(new Int32Array(capacity), this.#places)
    this.#heap = widen(new Int32Array(capacity), this.#heap)
    this.#index.grow(capacity, this.#size)
  }
}
