/** Projects and advisories in a few words, for what is tested on plain data. */
import semver from 'semver'
import type {
  Advisory,
  DependencyKind,
  Edge,
  InstalledPackage,
  Project,
  VersionRange,
} from '../../src/scans/model.ts'

type Ranges = Readonly<Record<string, string>>

/** A manifest of a made-up project. */
export interface MadeUpManifest {
  readonly production?: Ranges
  readonly development?: Ranges
  readonly optional?: Ranges
  readonly peer?: Ranges
}

/** A made-up project. */
export interface MadeUpProject extends MadeUpManifest {
  readonly format?: Project['format']
  /** By path. */
  readonly workspaces?: Readonly<Record<string, MadeUpManifest>>
  /** What is installed, `name@version` with what it wants; `name@version#2` is a second place. */
  readonly packages: Readonly<Record<string, Ranges>>
}

const kinds = ['production', 'development', 'optional', 'peer'] as const

/** Everything gets the first place of its name that its range allows, else the first of its name. */
export function madeUpProject(made: MadeUpProject): Project {
  const ids = Object.keys(made.packages).map((key) => {
    const [id = ''] = key.split('#')
    const at = id.lastIndexOf('@')
    return { key, name: id.slice(0, at), version: id.slice(at + 1) }
  })
  const edge = (name: string, range: string, kind: DependencyKind): Edge => {
    const [, real = name, version = range] = /^npm:(.+)@(.+)$/.exec(range) ?? []
    const named = ids.filter((one) => one.name === real)
    const fitting = named.find((one) => semver.satisfies(one.version, version))
    return { name, range, kind, to: (fitting ?? named[0])?.key }
  }
  const edges = (manifest: MadeUpManifest): Edge[] =>
    kinds.flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}).map(([name, range]) => edge(name, range, kind)),
    )
  const packages = ids.map(({ key, name, version }): [string, InstalledPackage] => {
    const wants = Object.entries(made.packages[key] ?? {})
    const dependencies = wants.map(([wanted, range]) => edge(wanted, range, 'production'))
    return [key, { key, ecosystem: 'npm', name, version, dependencies }]
  })
  const format = made.format ?? 'package-lock.json'
  return {
    format,
    file: format === 'CycloneDX' ? 'sbom.json' : format,
    manifests: [
      { name: 'made-up', path: '', dependencies: edges(made) },
      ...Object.entries(made.workspaces ?? {}).map(([path, manifest]) => ({
        name: path,
        path,
        dependencies: edges(manifest),
      })),
    ],
    packages: new Map(packages),
  }
}

/** An advisory, of all versions below `fixed` where nothing else is said. */
export function madeUpAdvisory(
  name: string,
  id: string,
  {
    fixed,
    ranges = [{ introduced: '0', ...(fixed !== undefined && { fixed }) }],
    ...rest
  }: Partial<Advisory> & { readonly fixed?: string; readonly ranges?: readonly VersionRange[] },
): Advisory {
  return {
    id,
    aliases: [],
    ecosystem: 'npm',
    package: name,
    title: `Something bad in ${name}`,
    url: `https://github.com/advisories/${id}`,
    severity: 'high',
    cvss: undefined,
    ranges,
    versions: [],
    withdrawn: undefined,
    sources: ['made up'],
    ...rest,
  }
}
