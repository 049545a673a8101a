import type { Edge } from '../model.ts'
import type { Component } from './cyclonedx-components.ts'
import { type Fields, isFields, listOf, malformed } from './fields.ts'
import type { Gaps } from './gaps.ts'
import type { Budget } from './limits.ts'

/** Who depends on whom. */
export interface Graph {
  readonly ofRoot: readonly Edge[]
  of(key: string): readonly Edge[]
}

/** What the graph is read with. */
export interface GraphReader {
  /** The project's own `bom-ref`. */
  readonly root: string | undefined
  readonly edges: Budget
  readonly gaps: Gaps
}

/** The root among keys: no component has an empty one. */
const rootKey = ''

/** Reads `dependencies`, and completes them: every component is reached from the root. */
export function readGraph(
  bom: Fields,
  components: ReadonlyMap<string, Component>,
  { root, edges, gaps }: GraphReader,
): Graph {
  const targets = new Map<string, Set<string>>()
  const connect = (from: string, to: string) => {
    edges.spend(1)
    const known = targets.get(from)
    if (known === undefined) targets.set(from, new Set([to]))
    else known.add(to)
  }
  const keys = keysByRef(components, root)
  for (const { ref, dependsOn } of readDependencies(bom)) {
    const from = keys.get(ref)
    for (const each of from === undefined ? [] : dependsOn) {
      const to = keys.get(each)
      if (to === undefined) gaps.add('In the graph, but not among the components', each)
      else if (from !== undefined && to !== rootKey) connect(from, to)
    }
    if (from === undefined) gaps.add('In the graph, but not among the components', ref)
  }
  for (const { key, holder } of components.values()) if (holder !== undefined) connect(holder, key)
  for (const key of unreached(components, targets)) connect(rootKey, key)
  const of = (key: string) => toEdges(targets.get(key) ?? [], components)
  return { ofRoot: of(rootKey), of }
}

function keysByRef(
  components: ReadonlyMap<string, Component>,
  root: string | undefined,
): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const { ref, key } of components.values())
    if (ref !== undefined && !keys.has(ref)) keys.set(ref, key)
  if (root !== undefined) keys.set(root, rootKey)
  return keys
}

function* readDependencies(bom: Fields) {
  for (const item of listOf(bom, 'dependencies', '') ?? []) {
    if (!isFields(item) || typeof item['ref'] !== 'string')
      throw malformed('dependencies', 'has an item without a "ref"')
    const dependsOn = listOf(item, 'dependsOn', item['ref']) ?? []
    const refs = dependsOn.filter((ref) => typeof ref === 'string')
    if (refs.length < dependsOn.length) throw malformed(item['ref'], '"dependsOn" has no texts')
    yield { ref: item['ref'], dependsOn: refs }
  }
}

/**
 * What the root has to be given an edge to: first what nobody depends on, then one of each circle
 * that is left, until all are reached.
 */
function unreached(
  components: ReadonlyMap<string, Component>,
  targets: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  const reached = new Set<string>()
  const reach = (start: string) => {
    const next = [start]
    for (let key = next.pop(); key !== undefined; key = next.pop()) {
      if (reached.has(key)) continue
      reached.add(key)
      for (const to of targets.get(key) ?? []) next.push(to)
    }
  }
  reach(rootKey)
  const wanted = new Set([...targets.values()].flatMap((to) => [...to]))
  const added: string[] = []
  const keys = [...components.keys()]
  for (const key of [...keys.filter((each) => !wanted.has(each)), ...keys]) {
    if (reached.has(key)) continue
    added.push(key)
    reach(key)
  }
  return added
}

function toEdges(
  keys: Iterable<string>,
  components: ReadonlyMap<string, Component>,
): readonly Edge[] {
  return Array.from(keys, (key) => {
    const { name = '', kind = 'production' } = components.get(key) ?? {}
    return { name, range: '', kind, to: key }
  })
}
