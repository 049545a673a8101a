/** The Merkle tree of RFC 9162 §2.1, with SHA-256: leaves and nodes are told apart by a first byte. */
import { hash } from 'node:crypto'

/** The length of every hash, in bytes. */
export const hashLength = 32

/** The first byte of what a leaf's hash is over. */
export const leafPrefix = 0x00
const nodePrefix = 0x01

/** SHA-256. */
export const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer')

/** The hash of a leaf. @param data what the leaf stands for */
export const leafHash = (data: Uint8Array): Buffer =>
  sha256(Buffer.concat([Uint8Array.of(leafPrefix), data]))

/**
 * The root over leaf hashes that stand one behind the other. Of none it is the hash of nothing.
 *
 * Level by level in one copy of the leaves: a last node without a neighbour moves up as it is, which
 * gives the tree that RFC 9162 defines by its splits.
 */
export function merkleRoot(leaves: Uint8Array): Buffer {
  let count = leaves.length / hashLength
  if (count === 0) return sha256(new Uint8Array(0))
  const level = Buffer.from(leaves)
  while (count > 1) count = climb(level, count)
  return level.subarray(0, hashLength)
}

/**
 * What proves that a leaf is in the tree: its sibling on each level, from the bottom up
 * (RFC 9162 §2.1.3.1).
 *
 * @param index from 0
 */
export function inclusionPath(leaves: Uint8Array, index: number): Buffer[] {
  const level = Buffer.from(leaves)
  const path: Buffer[] = []
  let at = index
  for (let count = leaves.length / hashLength; count > 1; count = climb(level, count)) {
    const sibling = at ^ 1
    if (sibling < count) path.push(Buffer.from(nodeAt(level, sibling)))
    at >>>= 1
  }
  return path
}

/** Where a leaf stands in a tree, and its siblings from the bottom up. */
export interface Inclusion {
  readonly index: number
  readonly size: number
  readonly path: readonly Uint8Array[]
}

/**
 * The root that a leaf and its path lead to (RFC 9162 §2.1.3.2).
 *
 * @returns undefined if the path cannot be that leaf's
 */
export function rootOfPath(leaf: Uint8Array, { index, size, path }: Inclusion): Buffer | undefined {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size))
    return undefined
  let node: Buffer = Buffer.from(leaf)
  let at = index
  let next = 0
  for (let count = size; count > 1; count = Math.ceil(count / 2)) {
    const sibling = at % 2 === 0 ? at + 1 : at - 1
    if (sibling < count) {
      const other = path[next++]
      if (other === undefined) return undefined
      node = at % 2 === 0 ? nodeHash(node, other) : nodeHash(other, node)
    }
    at = Math.floor(at / 2)
  }
  return next === path.length ? node : undefined
}

const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer =>
  sha256(Buffer.concat([Uint8Array.of(nodePrefix), left, right]))

const nodeAt = (level: Buffer, index: number): Buffer =>
  level.subarray(index * hashLength, (index + 1) * hashLength)

/** Puts the next level in the place of this one, and gives its number of nodes. */
function climb(level: Buffer, count: number): number {
  const pair = Buffer.allocUnsafe(1 + 2 * hashLength)
  pair[0] = nodePrefix
  for (let left = 0; left + 1 < count; left += 2) {
    level.copy(pair, 1, left * hashLength, (left + 2) * hashLength)
    sha256(pair).copy(level, (left / 2) * hashLength)
  }
  if (count % 2 === 1) nodeAt(level, count - 1).copy(level, ((count - 1) / 2) * hashLength)
  return Math.ceil(count / 2)
}
