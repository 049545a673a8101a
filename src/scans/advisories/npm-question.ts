import type { PackageId } from '../model.ts'
import { few } from './problems.ts'
import { versionOf } from './ranges/order.ts'

/** What there is to ask of the npm packages among some. */
export interface NpmQuestion {
  /** By name, each once. */
  readonly versions: ReadonlyMap<string, readonly string[]>
  /** Packages that ranges cannot be held against: nobody can say that they are clean. */
  readonly problems: readonly string[]
}

/** Sorts the npm packages by name; leaves out, and tells, whose version is none. */
export function comparable(packages: readonly PackageId[]): NpmQuestion {
  const versions = new Map<string, string[]>()
  const odd = new Set<string>()
  for (const { ecosystem, name, version } of packages) {
    if (ecosystem !== 'npm') continue
    const known = versions.get(name)
    if (versionOf(version) === undefined || !isName(name)) odd.add(`${name}@${version}`)
    else if (known === undefined) versions.set(name, [version])
    else if (!known.includes(version)) known.push(version)
  }
  const problems = odd.size === 0 ? [] : [unasked([...odd])]
  return { versions, problems }
}

/** Whether the npm registry could have a package of that name, of any age of it. */
export const isName = (name: string): boolean =>
  name.length <= 214 && /^(?:@[\w.~!*'()-]+\/)?[\w~!*'()-][\w.~!*'()-]*$/.test(name)

const unasked = (odd: readonly string[]) =>
  `Nobody can be asked about ${few(odd.map((one) => one.slice(0, 100)))}: no name and version of npm's.`
