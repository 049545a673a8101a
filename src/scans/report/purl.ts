import { PackageURL } from 'packageurl-js'
import type { PackageId } from '../model.ts'

/** Ecosystems of OSV: the type of a package URL, and what stands between namespace and name. */
const types: Readonly<Record<string, readonly [type: string, between: string]>> = {
  npm: ['npm', '/'],
  PyPI: ['pypi', ''],
  Maven: ['maven', ':'],
  Go: ['golang', '/'],
  'crates.io': ['cargo', ''],
  NuGet: ['nuget', ''],
  RubyGems: ['gem', ''],
  Packagist: ['composer', '/'],
  Hex: ['hex', ''],
  Pub: ['pub', ''],
  SwiftURL: ['swift', '/'],
  'GitHub Actions': ['githubactions', '/'],
}

/** The package URL of a package; undefined where there is none for its ecosystem. */
export function purlOf({ ecosystem, name, version }: PackageId): string | undefined {
  const [type, between = ''] = types[ecosystem] ?? []
  if (type === undefined) return undefined
  const end = between === '' ? -1 : name.lastIndexOf(between)
  const namespace = end < 0 ? undefined : name.slice(0, end)
  try {
    return new PackageURL(
      type,
      namespace,
      name.slice(end + 1),
      version === '' ? undefined : version,
    ).toString()
  } catch {
    // A name that no package can have: it is told, and leads nowhere.
    return undefined
  }
}
