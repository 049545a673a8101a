import type { Edge, InstalledPackage, Project } from '../model.ts'
import { type Component, readComponents } from './cyclonedx-components.ts'
import { readGraph } from './cyclonedx-graph.ts'
import { ProjectError, quoted } from './errors.ts'
import { type Fields, fieldsOf, listOf, malformed, textOf } from './fields.ts'
import { collectGaps } from './gaps.ts'
import { budget } from './limits.ts'

/** All that have JSON: what is read here is the same in each. */
const versions: ReadonlySet<unknown> = new Set(['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'])

/**
 * Reads a CycloneDX SBOM in JSON, of version 1.2 to 1.7. Components may be nested; what is in another
 * one, and what the graph leaves out, is reached by an edge too, so that each has a way from the
 * root. Edges have no range, and the kind that their component's `scope` gives it.
 *
 * @throws {ProjectError} where it is not all there, of another version, or lists nothing
 */
export function readCycloneDx(bom: Fields, file: string): Project {
  refuseVersion(bom['specVersion'])
  const gaps = collectGaps()
  const root = fieldsOf(fieldsOf(bom, 'metadata', '') ?? {}, 'component', 'metadata') ?? {}
  const ref = root['bom-ref']
  const rootRef = typeof ref === 'string' ? ref : undefined
  const lists = [
    listOf(bom, 'components', '') ?? [],
    listOf(root, 'components', 'metadata.component') ?? [],
  ]
  const components = readComponents(lists, { packages: budget('packages'), gaps, root: rootRef })
  if (components.size === 0) throw malformed('', 'lists no components, so that nothing is known')
  const graph = readGraph(bom, components, { root: rootRef, edges: budget('edges'), gaps })
  const dependencies = graph.ofRoot
  return {
    format: 'CycloneDX',
    file,
    manifests: [{ name: textOf(root, 'name', 'metadata.component') ?? '', path: '', dependencies }],
    packages: toPackages(components, graph.of),
    gaps: gaps.sentences(),
  }
}

function refuseVersion(version: unknown): void {
  if (versions.has(version)) return
  const which = typeof version === 'string' ? `version ${quoted(version)}` : 'no known version'
  throw new ProjectError(
    'unsupported',
    `is CycloneDX of ${which}; 1.2 to 1.7 can be read, so have it written as 1.6`,
  )
}

function toPackages(
  components: ReadonlyMap<string, Component>,
  edgesOf: (key: string) => readonly Edge[],
): ReadonlyMap<string, InstalledPackage> {
  const packages = new Map<string, InstalledPackage>()
  for (const { key, ecosystem, name, version } of components.values())
    packages.set(key, { key, ecosystem, name, version, dependencies: edgesOf(key) })
  return packages
}
