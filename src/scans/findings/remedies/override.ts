/** The last way out: the root says which version all others get, against their ranges. */
import type { InstalledPackage, Overrides } from '../../model.ts'
import type { Graph, Want } from '../graph.ts'

/** What is to be overridden. */
export interface OverrideWish {
  readonly package: InstalledPackage
  readonly version: string
  /** Those who want it, and get nothing that will do. */
  readonly blocked: readonly Want[]
}

/**
 * The shortest `overrides` that reach nobody else: by name where there is but one version of it; by
 * name and version where others are installed, too; by who wants it where the project does so itself,
 * for npm refuses to override what its root asks for.
 */
export function overridesOf(
  { packages, own }: Graph,
  { package: target, version, blocked }: OverrideWish,
): Overrides {
  const named = ({ name, version: installed }: InstalledPackage): string => {
    const versions = new Set(packages.filter((one) => one.name === name).map((one) => one.version))
    return versions.size === 1 ? name : `${name}@${installed}`
  }
  const isOwn = own.some((number) => packages[number]?.name === target.name)
  const hasAlias = blocked.some(({ edge }) => edge.name !== target.name)
  if (!isOwn && !hasAlias) return { [named(target)]: version }
  const parents = new Map<string, Overrides>()
  for (const { package: parent, edge } of blocked) {
    if (parent === undefined) continue
    const key = named(parent)
    parents.set(key, { ...parents.get(key), [edge.name]: version })
  }
  return Object.fromEntries(parents)
}
