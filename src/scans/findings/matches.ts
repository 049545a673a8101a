import type { Advisory, InstalledPackage } from '../model.ts'
import type { Graph } from './graph.ts'
import type { Known } from './known.ts'

/** One version that is installed, wherever it is, and what affects it. */
export interface Match {
  readonly places: readonly InstalledPackage[]
  readonly advisories: readonly Advisory[]
}

/** Which installed versions are affected by what is known. */
export function matchesIn({ packages }: Graph, known: Known): readonly Match[] {
  const versions = new Map<string, InstalledPackage[]>()
  for (const one of packages) {
    const key = [one.ecosystem, one.name, one.version].join('\n')
    const places = versions.get(key)
    if (places === undefined) versions.set(key, [one])
    else places.push(one)
  }
  return [...versions.values()].flatMap((places) => {
    const advisories = places.slice(0, 1).flatMap((one) => known.against(one))
    return advisories.length === 0 ? [] : [{ places, advisories }]
  })
}
