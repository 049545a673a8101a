import { PackageURL } from 'packageurl-js'
import type { PackageId } from '../model.ts'

/**
 * Types of package URLs, the ecosystem that OSV has for each, and how it spells names there: the
 * namespace, what stands between, the name. Types that OSV knows by their distribution's release
 * (deb, rpm, apk) or not at all (generic, docker) are left out.
 *
 * @see https://ossf.github.io/osv-schema/#defined-ecosystems
 */
const ecosystems: ReadonlyMap<string, readonly [ecosystem: string, between: string]> = new Map([
  ['npm', ['npm', '/']],
  ['pypi', ['PyPI', '']],
  ['maven', ['Maven', ':']],
  ['golang', ['Go', '/']],
  ['cargo', ['crates.io', '']],
  ['nuget', ['NuGet', '']],
  ['gem', ['RubyGems', '']],
  ['composer', ['Packagist', '/']],
  ['hex', ['Hex', '/']],
  ['pub', ['Pub', '']],
  ['swift', ['SwiftURL', '/']],
  ['conan', ['ConanCenter', '']],
  ['cran', ['CRAN', '']],
  ['hackage', ['Hackage', '']],
  ['githubactions', ['GitHub Actions', '/']],
])

/** What a package URL says. */
export type ReadUrl =
  | (PackageId & { readonly type: string })
  /** It is none. */
  | undefined

/**
 * Reads a package URL as the package that OSV knows; its ecosystem is empty where OSV has none, its
 * version where it names none. What is looked up elsewhere (`?repository_url=`) is not.
 */
export function readPackageUrl(text: string): ReadUrl {
  const url = parse(text)
  if (url === undefined) return undefined
  const { type, namespace, name } = url
  const [ecosystem, between] = ecosystems.get(type) ?? ['', '/']
  return {
    type,
    ecosystem,
    name: normal(type, namespace ? `${namespace}${between}${name}` : name),
    version: versionOf(type, url.version ?? ''),
  }
}

function parse(text: string) {
  try {
    const { type, namespace, name, version } = PackageURL.fromString(text)
    if (type === undefined || name === undefined) return undefined
    return { type, namespace: namespace ?? '', name, version: version ?? undefined }
  } catch {
    return undefined
  }
}

/** PEP 503: `Foo_Bar.baz` is `foo-bar-baz`. */
function normal(type: string, name: string): string {
  return type === 'pypi' ? name.toLowerCase().replaceAll(/[-_.]+/g, '-') : name
}

/** Go's tags have a `v` that OSV's Go versions have not. */
function versionOf(type: string, version: string): string {
  return type === 'golang' ? version.replace(/^v(?=\d)/, '') : version
}
