import { open } from 'node:fs/promises'
import { type } from 'arktype'
import { canonicalJson } from '../canonical-json.ts'
import { sha256 } from '../merkle.ts'
import { hex, type SignedSeal, sealHash } from '../seals/seal.ts'
import type { Findings } from './findings.ts'

/** The heads that left the database, by their positions: the hash of each. */
export type Anchors = ReadonlyMap<number, string>

/** A line of an anchor; more in it is not looked at. */
const line = type('string.json.parse').to({
  seal: { position: 'number.integer > 0', '[string]': 'unknown' },
  signature: 'string',
})

/** An anchor that cannot be used. */
export class AnchorError extends Error {
  override readonly name = 'AnchorError'
}

/**
 * Reads an anchor: a file of JSON lines, as `AUDIT_ANCHOR` writes them, in any order; files may have
 * been put together. Two lines of one position that do not agree are kept as what can never be
 * found. A line that a crash cut off is left out. About 200 bytes of memory a line.
 *
 * @throws {AnchorError} if it cannot be read, or holds no seal
 */
export async function readAnchors(path: string): Promise<Anchors> {
  const anchors = new Map<number, string>()
  try {
    const file = await open(path)
    for await (const text of file.readLines()) {
      const read = line(text)
      if (read instanceof type.errors) continue
      const { seal } = read
      const hash = hex(sha256(Buffer.from(canonicalJson(seal))))
      const known = anchors.get(seal.position)
      anchors.set(seal.position, known === undefined || known === hash ? hash : conflict)
    }
  } catch (cause) {
    throw new AnchorError('The anchor cannot be read: is it the path of a file?', { cause })
  }
  if (anchors.size === 0) throw new AnchorError('The anchor holds no seal')
  return anchors
}

/** No seal's hash: two anchored heads contradict each other. */
const conflict = 'conflict'

/** Compares what was anchored with the chain, seal by seal. */
export function anchorCheck(anchors: Anchors, findings: Findings) {
  const ahead = new Map(anchors)
  return {
    /** Looks at a seal of the chain. */
    see(seal: SignedSeal): void {
      const anchored = ahead.get(seal.position)
      if (anchored === undefined) return
      ahead.delete(seal.position)
      if (anchored !== hex(sealHash(seal)))
        findings.add(
          'anchor_differs',
          `Seal ${seal.position} is not the one that was anchored: the chain was written anew`,
          { position: seal.position },
        )
    },
    /** Tells of anchored seals that the chain did not have. */
    end(): void {
      const missing = [...ahead.keys()].sort((left, right) => left - right)
      const [first] = missing
      if (first !== undefined)
        findings.add(
          'anchor_missing',
          `${missing.length} anchored seals are not there, from seal ${first} on: the end of the trail was cut off`,
          { position: first },
        )
    },
  }
}
