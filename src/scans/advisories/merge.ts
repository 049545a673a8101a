/** What several sources say of one vulnerability, as one advisory. */
import type { Advisory, VersionRange } from '../model.ts'
import { worstSeverity } from './severity.ts'

/**
 * Merges advisories that share an id, directly or by way of others: one for each vulnerability and package.
 *
 * A withdrawal counts for the id that it is published under, whoever serves that id: npm's registry serves
 * GitHub's advisories, and has listed withdrawn ones for weeks. Where the same vulnerability lives on
 * under another id, that is another database's word, and it holds: what is withdrawn is most often a
 * duplicate of it, and to drop both would be a false clean bill. What was withdrawn then gives its ids,
 * and neither ranges nor severity. Only where nothing is left alive is the merged one withdrawn.
 */
export function mergeAdvisories(advisories: readonly Advisory[]): Advisory[] {
  const withdrawn = withdrawals(advisories)
  const rootOf = families(advisories)
  const merged = new Map<string, Advisory>()
  for (const advisory of advisories) {
    const one = { ...advisory, withdrawn: withdrawn.get(advisory.id) }
    const key = JSON.stringify([rootOf(one.id), one.ecosystem, one.package])
    const known = merged.get(key)
    merged.set(key, known === undefined ? one : both(known, one))
  }
  return [...merged.values()].map((one) => named(one, withdrawn))
}

/** Which ids belong together (union-find): the answer is the same for all of one family. */
function families(advisories: readonly Advisory[]): (id: string) => string {
  const parents = new Map<string, string>()
  const rootOf = (id: string): string => {
    let root = id
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up
    if (root !== id) parents.set(id, root)
    return root
  }
  for (const { id, aliases } of advisories)
    for (const alias of aliases) {
      const [a, b] = [rootOf(id), rootOf(alias)]
      if (a !== b) parents.set(a, b)
    }
  return rootOf
}

/** When each id was withdrawn, by anybody. */
function withdrawals(advisories: readonly Advisory[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { id, withdrawn } of advisories) if (withdrawn !== undefined) found.set(id, withdrawn)
  return found
}

function both(a: Advisory, b: Advisory): Advisory {
  const ids = { aliases: unique([a.id, ...a.aliases, b.id, ...b.aliases]) }
  // The ids of what is withdrawn are kept: an operator may have written them into the ignore list.
  if (a.withdrawn === undefined && b.withdrawn !== undefined) return { ...a, ...ids }
  if (b.withdrawn === undefined && a.withdrawn !== undefined) return { ...b, ...ids }
  const front = rank(b.id) < rank(a.id) ? b : a
  return {
    ...front,
    ...ids,
    url: front.url ?? a.url ?? b.url,
    ...rating(a, b),
    ranges: unique([...a.ranges, ...b.ranges]),
    versions: unique([...a.versions, ...b.versions]),
    sources: unique([...a.sources, ...b.sources]),
  }
}

/** A vector can be checked, a word cannot: a rating with one goes before a worse one without. */
function rating(a: Advisory, b: Advisory): Pick<Advisory, 'severity' | 'cvss'> {
  const [x, y] = [a.cvss?.score ?? 0, b.cvss?.score ?? 0]
  if (x === 0 && y === 0)
    return { severity: worstSeverity([a.severity, b.severity]), cvss: undefined }
  const { severity, cvss } = x >= y ? a : b
  return { severity, cvss }
}

/** Names it as people do: by GitHub's id, else by its CVE, even where only others use that. */
function named(advisory: Advisory, withdrawn: ReadonlyMap<string, string>): Advisory {
  const { aliases, withdrawn: isWithdrawn } = advisory
  // Of several of GitHub's the first: databases list the public one before a repository's own.
  const alive = aliases.filter((id) => isWithdrawn !== undefined || !withdrawn.has(id))
  const id = [advisory.id, ...alive].reduce((a, b) => (rank(b) < rank(a) ? b : a))
  const others = unique([advisory.id, ...aliases]).filter((other) => other !== id)
  return { ...advisory, id, aliases: others.sort() }
}

const rank = (id: string) => (id.startsWith('GHSA-') ? 0 : id.startsWith('CVE-') ? 1 : 2)

/** Each once, by what it holds. */
function unique<T extends string | VersionRange>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [keyOf(one), one])).values()]
}

const keyOf = (one: string | VersionRange) =>
  typeof one === 'string' ? one : [one.introduced, one.fixed, one.lastAffected].join(' ')
