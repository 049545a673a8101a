import { randomInt } from 'node:crypto'

/**
 * Finds the slot of a key, in flat memory: 16 to 32 bytes a key, however long it is, and nothing for
 * the garbage collector to walk.
 *
 * Of a key only 64 bits of a hash are kept, under a seed of this process. Two of 100,000 keys fall
 * together once in four billion processes; without the seed nobody can look for such a pair.
 */
export class HashIndex {
  readonly #seedLow = randomInt(2 ** 32)
  readonly #seedHigh = randomInt(2 ** 32)
  /** By slot, both halves. */
  #hashes: Uint32Array
  /** Open addressing with linear probing: slot + 1, or 0. At most half full. */
  #table: Int32Array
  #mask: number
  /** The key last looked for. */
  #low = 0
  #high = 0

  /** @param capacity slots */
  constructor(capacity: number) {
    this.#hashes = new Uint32Array(2 * capacity)
    this.#table = tableFor(capacity)
    this.#mask = this.#table.length - 1
  }

  /** The slot of a key; -1 where it has none. */
  find(key: string): number {
    this.#hash(key)
    for (let at = this.#low & this.#mask; ; at = (at + 1) & this.#mask) {
      const slot = (this.#table[at] ?? 0) - 1
      if (slot === -1) return -1
      if (this.#hashes[2 * slot] === this.#low && this.#hashes[2 * slot + 1] === this.#high)
        return slot
    }
  }

  /** Gives the key last looked for, which had none, a slot that is free. */
  put(slot: number): void {
    this.#hashes[2 * slot] = this.#low
    this.#hashes[2 * slot + 1] = this.#high
    this.#enter(slot)
  }

  /** Frees a slot. */
  drop(slot: number): void {
    let hole = this.#home(slot)
    while (this.#table[hole] !== slot + 1) hole = (hole + 1) & this.#mask
    // What was pushed past the hole comes back, so that a search may end at the first gap.
    for (let at = (hole + 1) & this.#mask; this.#table[at] !== 0; at = (at + 1) & this.#mask) {
      const moved = this.#table[at] ?? 0
      const home = this.#home(moved - 1)
      if (((at - home) & this.#mask) < ((at - hole) & this.#mask)) continue
      this.#table[hole] = moved
      hole = at
    }
    this.#table[hole] = 0
  }

  /** Makes room for more slots; the first `size` are taken. */
  grow(capacity: number, size: number): void {
    const hashes = new Uint32Array(2 * capacity)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    this.#table = tableFor(capacity)
    this.#mask = this.#table.length - 1
    for (let slot = 0; slot < size; slot++) this.#enter(slot)
  }

  #home(slot: number): number {
    return (this.#hashes[2 * slot] ?? 0) & this.#mask
  }

  #enter(slot: number): void {
    let at = this.#home(slot)
    while (this.#table[at] !== 0) at = (at + 1) & this.#mask
    this.#table[at] = slot + 1
  }

  /** Two lanes of multiply and xor, mixed in the end (as in MurmurHash3's finaliser). */
  #hash(key: string): void {
    let low = this.#seedLow
    let high = this.#seedHigh
    for (let i = 0; i < key.length; i++) {
      const unit = key.charCodeAt(i)
      low = Math.imul(low ^ unit, 0x9e3779b1)
      high = Math.imul(high ^ unit, 0x5f356495)
      low ^= low >>> 15
      high ^= high >>> 13
    }
    low = Math.imul(low ^ (high >>> 16), 0x85ebca6b)
    high = Math.imul(high ^ (low >>> 13), 0xc2b2ae35)
    this.#low = (low ^ (low >>> 16)) >>> 0
    this.#high = (high ^ (high >>> 16)) >>> 0
  }
}

/** A power of two, so that a mask finds the place; at least twice the slots. */
const tableFor = (capacity: number) => new Int32Array(2 ** Math.ceil(Math.log2(2 * capacity)))
