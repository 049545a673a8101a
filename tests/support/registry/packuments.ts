/** What a registry knows of a package: `GET /{name}`, abbreviated or whole. */
import semver from 'semver'

/** One made-up version. */
export interface MadeUpVersion {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly deprecated?: string
  /** RFC 3339. @default 2024-01-01 and a day later for each version after the first */
  readonly released?: string
}

/** A made-up package: its versions, and `latest` where it is not the highest that is no pre-release. */
export interface MadeUpPackage {
  readonly versions: Readonly<Record<string, MadeUpVersion>>
  readonly latest?: string
}

const day = 86_400_000

/** @param whole with times, which the abbreviated form leaves out */
export function packument(url: string, name: string, made: MadeUpPackage, whole: boolean) {
  const versions = Object.keys(made.versions)
  const stable = versions.filter((version) => semver.prerelease(version) === null)
  const latest = made.latest ?? semver.rsort(stable.length > 0 ? stable : [...versions])[0]
  return {
    _id: name,
    name,
    'dist-tags': { latest },
    modified: '2025-01-01T00:00:00.000Z',
    ...(whole && { time: times(made) }),
    versions: Object.fromEntries(
      Object.entries(made.versions).map(([version, { dependencies, deprecated }]) => [
        version,
        {
          name,
          version,
          ...(dependencies && { dependencies }),
          ...(deprecated && { deprecated }),
          dist: { tarball: `${url}/${name}/-/${name.split('/').at(-1)}-${version}.tgz` },
        },
      ]),
    ),
  }
}

function times({ versions }: MadeUpPackage) {
  const first = Date.parse('2024-01-01T00:00:00Z')
  return Object.fromEntries([
    ['created', new Date(first).toISOString()],
    ...Object.entries(versions).map(([version, { released }], index) => [
      version,
      released ?? new Date(first + index * day).toISOString(),
    ]),
  ])
}
