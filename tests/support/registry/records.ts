/** Advisories as files: records of the OSV schema, as a database hands them out. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A record of the OSV schema, as far as a stand-in reads it. */
export interface StandInRecord {
  readonly id: string
  readonly modified: string
  readonly withdrawn?: string
  readonly aliases?: readonly string[]
  readonly summary?: string
  readonly severity?: readonly { readonly type: string; readonly score: string }[]
  readonly affected?: readonly StandInAffected[]
  readonly database_specific?: {
    readonly severity?: string
    readonly cwe_ids?: readonly string[]
  }
}

/** One of a record's packages. */
export interface StandInAffected {
  readonly package?: { readonly ecosystem: string; readonly name: string }
  readonly ranges?: readonly {
    readonly type: string
    readonly repo?: string
    readonly events: readonly Readonly<Record<string, string>>[]
  }[]
  readonly versions?: readonly string[]
  readonly database_specific?: { readonly last_known_affected_version_range?: string }
}

/** The folder of the recorded advisories, which is an OSV database of its own. */
export const recordedFolder = join(import.meta.dirname, '../../scans/fixtures/osv')

/** All recorded advisories, by name of their file. */
export function recordedAdvisories(): StandInRecord[] {
  const files = readdirSync(recordedFolder).filter((name) => name.endsWith('.json'))
  return files.sort().map((name) => JSON.parse(readFileSync(join(recordedFolder, name), 'utf8')))
}
