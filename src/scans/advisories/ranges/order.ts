/** The order of versions that npm goes by: Semantic Versioning's. */
import semver, { type SemVer } from 'semver'

/**
 * Reads a version. Databases write what no registry would take (`v1.2.0`, `1.2`), and mean `1.2.0`.
 *
 * @returns undefined for what cannot be compared
 */
export function versionOf(text: string): SemVer | undefined {
  const [, major, minor = '0', patch = '0', rest = ''] = parts.exec(text.trim()) ?? []
  if (major === undefined) return undefined
  return semver.parse(`${major}.${minor}.${patch}${rest}`, { loose: true }) ?? undefined
}

const parts = /^[v=]*(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$/

/** Where a range begins: `0` is before every version, and so is what cannot be compared. */
export const beginning = (text: string): SemVer =>
  (text === '0' ? lowest : versionOf(text)) ?? lowest

/** Below nothing is: the version that OSV's `introduced: "0"` means. */
export const lowest = new semver.SemVer('0.0.0-0')

/** The lowest version above one: there is none in between. */
export function next({ major, minor, patch, prerelease, version }: SemVer): string {
  return prerelease.length > 0 ? `${version}.0` : `${major}.${minor}.${patch + 1}-0`
}
