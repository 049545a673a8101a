import type { PackageId } from '../model.ts'
import { few } from './problems.ts'
import { versionOf } from './ranges/order.ts'

/** The npm packages among some that ranges can be held against: their versions by name, each once. */
export function npmVersions(
  packages: readonly PackageId[],
): ReadonlyMap<string, readonly string[]> {
  const versions = new Map<string, string[]>()
  for (const one of packages) {
    const { ecosystem, name, version } = one
    if (ecosystem !== 'npm' || isOdd(one)) continue
    const known = versions.get(name)
    if (known === undefined) versions.set(name, [version])
    else if (!known.includes(version)) known.push(version)
  }
  return versions
}

/** Those that nobody can say are clean, whoever is asked: a sentence for an operator, or none. */
export function oddities(packages: readonly PackageId[]): readonly string[] {
  const odd = packages.filter((one) => one.ecosystem === 'npm' && isOdd(one))
  if (odd.length === 0) return []
  const names = odd.map(({ name, version }) => `${name}@${version}`.slice(0, 100))
  return [`Nobody can be asked about ${few(names)}: no name and version of npm's.`]
}

const isOdd = ({ name, version }: PackageId): boolean =>
  versionOf(version) === undefined || !isName(name)

/** Whether the npm registry could have a package of that name, of any age of it. */
export const isName = (name: string): boolean =>
  name.length <= 214 && /^(?:@[\w.~!*'()-]+\/)?[\w~!*'()-][\w.~!*'()-]*$/.test(name)
