import { isAffected } from '../advisories/index.ts'
import type { Advisory, PackageId } from '../model.ts'

/** Advisories by the packages that they are about. */
export interface Known {
  /** What is known of a package, whatever its version. */
  of(ecosystem: string, name: string): readonly Advisory[]
  /** What affects one version. */
  against(one: PackageId): readonly Advisory[]
  /** Learns more. @returns whether anything of it was new */
  add(advisories: readonly Advisory[]): boolean
}

/** Keeps advisories; withdrawn ones are left out. */
export function known(advisories: readonly Advisory[]): Known {
  const byPackage = new Map<string, Map<string, Advisory>>()
  const keyOf = (ecosystem: string, name: string) => `${ecosystem}\n${name}`
  function add(more: readonly Advisory[]): boolean {
    let isNew = false
    for (const advisory of more) {
      if (advisory.withdrawn !== undefined) continue
      const key = keyOf(advisory.ecosystem, advisory.package)
      const all = byPackage.get(key) ?? new Map<string, Advisory>()
      if (all.has(advisory.id)) continue
      byPackage.set(key, all.set(advisory.id, advisory))
      isNew = true
    }
    return isNew
  }
  const of = (ecosystem: string, name: string) => [
    ...(byPackage.get(keyOf(ecosystem, name))?.values() ?? []),
  ]
  add(advisories)
  return {
    of,
    against: ({ ecosystem, name, version }) =>
      of(ecosystem, name).filter((advisory) => isAffected(advisory, version)),
    add,
  }
}
