import type { DependencyKind, Edge } from '../model.ts'
import { type Fields, fieldsOf, malformed, npmNameAt, shown } from './fields.ts'
import { type Budget, limits } from './limits.ts'

/** A dependency as a manifest has it. */
export type Want = Omit<Edge, 'to'>

/** A field of manifests that holds dependencies, and what they are for. */
export type Group = readonly [field: string, kind: DependencyKind]

/**
 * Reads the dependencies of one manifest. A name that is in several groups counts by the last one.
 *
 * @param groups in the order of the package manager: what it takes a name for that is in two of them
 * @throws {ProjectError} for what is not a name with a range
 */
export function readWants(
  manifest: Fields,
  groups: readonly Group[],
  where: string,
  edges: Budget,
): Iterable<Want> {
  const wants = new Map<string, Want>()
  for (const [field, kind] of groups) {
    const group = fieldsOf(manifest, field, where)
    if (group === undefined) continue
    const members = Object.entries(group)
    edges.spend(members.length)
    for (const [name, range] of members) {
      if (typeof range !== 'string')
        throw malformed(where, `"${field}" has a range that is not text`)
      shown(range, limits.range, where, `"${field}"`)
      wants.set(npmNameAt(name, where), { name, range, kind })
    }
  }
  return wants.values()
}
