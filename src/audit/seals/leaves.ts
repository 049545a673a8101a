import { hashLength, merkleRoot } from '../merkle.ts'

const idLength = 16
/** What one row takes in a list of leaves: its id, its leaf hash. */
const leafLength = idLength + hashLength

/**
 * Collects the leaves of a seal as they come, and puts them in the order of their ids.
 * 48 bytes a row, and 24 more while they are sorted.
 */
export class LeafCollector {
  #bytes: Buffer = Buffer.allocUnsafe(64 * leafLength)
  #count = 0
  /** Whether they came in their order, as those of one process mostly do. */
  #ordered = true

  /** How many there are. */
  get count(): number {
    return this.#count
  }

  /** Adds a row's. @param id 16 bytes */
  add(id: Uint8Array, leaf: Uint8Array): void {
    const at = this.#count * leafLength
    if (at === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, this.#bytes])
    this.#bytes.set(id, at)
    this.#bytes.set(leaf, at + idLength)
    if (this.#ordered && at > 0) {
      const before = at - leafLength
      const order = this.#bytes.compare(this.#bytes, before, before + idLength, at, at + idLength)
      this.#ordered = order < 0
    }
    this.#count += 1
  }

  /** All of them, ordered. */
  leaves(): Leaves {
    const bytes = this.#bytes.subarray(0, this.#count * leafLength)
    if (this.#ordered) return new Leaves(bytes)
    const keys = [0, 6, 12].map((start) => {
      const column = new Float64Array(this.#count)
      const length = Math.min(6, idLength - start)
      for (let row = 0; row < this.#count; row += 1)
        column[row] = bytes.readUIntBE(row * leafLength + start, length)
      return column
    })
    const order = new Uint32Array(this.#count).map((_, row) => row)
    order.sort((left, right) => {
      for (const column of keys) {
        const difference = (column[left] ?? 0) - (column[right] ?? 0)
        if (difference !== 0) return difference
      }
      return left - right
    })
    const ordered = Buffer.allocUnsafe(this.#count * leafLength)
    order.forEach((row, index) => {
      bytes.copy(ordered, index * leafLength, row * leafLength, (row + 1) * leafLength)
    })
    return new Leaves(ordered)
  }
}

/** The leaves of one seal in their order: what `audit_seal_leaves` keeps. */
export class Leaves {
  readonly bytes: Buffer

  /** @param bytes for each row its id (16 bytes) and its leaf hash (32) */
  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get count(): number {
    return Math.floor(this.bytes.length / leafLength)
  }

  id(index: number): Buffer {
    return this.bytes.subarray(index * leafLength, index * leafLength + idLength)
  }

  hash(index: number): Buffer {
    return this.bytes.subarray(index * leafLength + idLength, (index + 1) * leafLength)
  }

  /** The hashes alone, one behind the other. */
  hashes(): Buffer {
    const hashes = Buffer.allocUnsafe(this.count * hashLength)
    for (let index = 0; index < this.count; index += 1)
      this.hash(index).copy(hashes, index * hashLength)
    return hashes
  }

  /** The root of the tree over them. */
  root(): Buffer {
    return merkleRoot(this.hashes())
  }

  /** Where a row's leaf is; -1 if it has none. */
  indexOf(id: Uint8Array): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare(this.id(middle), id) < 0) low = middle + 1
      else high = middle
    }
    return low < this.count && this.id(low).equals(id) ? low : -1
  }
}

/** A UUID's 16 bytes as the usual text. */
export function uuidText(id: Uint8Array): string {
  const digits = Buffer.from(id).toString('hex')
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-')
}
