import type { MetadataSource } from './metadata/index.ts'
import type { AdvisorySource, Project } from './model.ts'
import type { Withdrawals } from './withdrawals.ts'

/** What a scan needs. */
export interface ScanOptions {
  /** The folder of the project, or its lockfile or SBOM. */
  readonly folder: string
  /** Who is asked about its packages. */
  readonly sources: readonly AdvisorySource[]
  /** Who is asked for versions: what is outdated, and what a remedy leads to. @default nobody */
  readonly metadata?: MetadataSource | undefined
  /** Who is asked whether what only npm lists was withdrawn. @default nobody */
  readonly withdrawals?: Withdrawals | undefined
  /** Names and scopes that nobody is asked about. @default none */
  readonly private?: readonly string[]
  /** Leaves out what only development gets to. @default {false} */
  readonly production?: boolean
  /** Whether to look for what is outdated. @default {true} where there is metadata */
  readonly outdated?: boolean
  /** @default the clock */
  readonly now?: () => Date
  /** Stops it. */
  readonly signal: AbortSignal
  /** Hears how far it is. */
  readonly onProgress?: (progress: ScanProgress) => void
  /** Hears what is scanned, for reports that list it. */
  readonly onProject?: (project: Project) => void
}

/** How far a scan is: so many of so many of a step. */
export interface ScanProgress {
  readonly step: 'project' | 'sources' | 'remedies'
  readonly done: number
  readonly of: number
}
