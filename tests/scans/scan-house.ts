/** A folder with a lockfile, a stand-in for all that a scan asks, and the scan itself. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpClient } from '../../src/scans/http.ts'
import type { ScanReport } from '../../src/scans/model.ts'
import { scan } from '../../src/scans/scan.ts'
import type { ScanOptions } from '../../src/scans/scan-options.ts'
import { type SourceOptions, usualSources } from '../../src/scans/sources.ts'
import type { StandInRecord } from '../support/registry/index.ts'

type Ranges = Readonly<Record<string, string>>

/** A `package-lock.json` of version 3 in a few words. */
export interface Lock {
  readonly dependencies?: Ranges
  readonly devDependencies?: Ranges
  /** By place without the first `node_modules/`. */
  readonly packages: Readonly<
    Record<
      string,
      { readonly version: string; readonly dependencies?: Ranges; readonly resolved?: string }
    >
  >
}

/** The text of a `package-lock.json`. */
export function npmLock({ dependencies = {}, devDependencies = {}, packages }: Lock): string {
  const installed = Object.entries(packages).map(([place, one]) => [`node_modules/${place}`, one])
  return JSON.stringify({
    name: 'made-up',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'made-up', version: '1.0.0', dependencies, devDependencies },
      ...Object.fromEntries(installed),
    },
  })
}

/** A record of OSV about all versions of an npm package below one. */
export function record(
  id: string,
  name: string,
  fixed: string,
  more: Partial<StandInRecord> & { readonly rated?: string } = {},
): StandInRecord {
  const { rated = 'HIGH', ...rest } = more
  return {
    id,
    modified: '2026-01-01T00:00:00Z',
    summary: `Something bad in ${name}`,
    affected: [
      {
        package: { ecosystem: 'npm', name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }],
      },
    ],
    database_specific: { severity: rated },
    ...rest,
  }
}

/** A folder of its own with some files in it, by name. */
export async function folderWith(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), 'caly-scan-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Scans files by a stand-in at an address, with short patience. */
export async function scanFiles(
  files: Readonly<Record<string, string>>,
  url: string,
  { sources, ...more }: Partial<ScanOptions> & { readonly sources?: Partial<SourceOptions> } = {},
): Promise<ScanReport> {
  const folder = await folderWith(files)
  const signal = more.signal ?? AbortSignal.timeout(20_000)
  try {
    return await scan({
      folder: folder.path,
      ...usualSources({
        registry: new URL(url),
        osv: new URL(url),
        privateNames: more.private ?? [],
        http: httpClient({ timeout: 500, pause: 5, attempts: 2 }),
        signal,
        ...sources,
      }),
      signal,
      ...more,
    })
  } finally {
    await folder.remove()
  }
}
