/** A registry that knows what Caly itself has installed, one newer version (of jose), and whatever a test wants said against it. */
import manifest from '../../package.json' with { type: 'json' }
import { type StandInRecord, startRegistry } from '../support/registry/index.ts'

/** What is said against a package, however new it is. */
export function recordOf(
  id: string,
  name: string,
  severity: 'CRITICAL' | 'HIGH' | 'MODERATE' | 'LOW' | 'UNRATED',
): StandInRecord {
  return {
    id,
    modified: '2026-01-01T00:00:00Z',
    summary: `Something is wrong with ${name}`,
    affected: [
      {
        package: { ecosystem: 'npm', name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '99.0.0' }] }],
      },
    ],
    database_specific: { severity },
  }
}

/** A version that nothing is said against. */
const newest = { '99.0.0': {} }

/** The stand-in, and the list of what it says: it may change at any time. */
export async function startOwnRegistry() {
  const records: StandInRecord[] = []
  const direct = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  const packages = Object.fromEntries(
    direct.map(([name, range]) => {
      const [, alias, version = range] = /^npm:(.+)@(.+)$/.exec(range) ?? []
      return [alias ?? name, { versions: { [version]: {}, ...(name === 'jose' && newest) } }]
    }),
  )
  const registry = await startRegistry({ records, packages })
  return { records, registry, env: { SCAN_REGISTRY: registry.url, SCAN_OSV: registry.url } }
}
