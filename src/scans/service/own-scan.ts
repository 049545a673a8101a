import type { ScanReport } from '../model.ts'

/** Options of {@linkcode ownScan}. */
export interface OwnScanOptions {
  /** Where the service's own lockfile is. */
  readonly folder: string
  /** The npm registry. @default the public one */
  readonly registry?: URL | undefined
  /** OSV's API, or the path of a folder or zip of its records. @default the public API */
  readonly osv?: URL | string | undefined
}

/**
 * Scans of the service's own project. What they take is loaded with the first one: a service that is
 * started for a moment, or that scans at night, need not hold it.
 */
export function ownScan({ folder: given, ...options }: OwnScanOptions) {
  const folder = given.replace(/[/\\]$/, '')
  return async (signal: AbortSignal): Promise<ScanReport> => {
    const { scan } = await import('../scan.ts')
    const { usualSources } = await import('../sources.ts')
    const report = await scan({ folder, ...usualSources({ ...options, signal }), signal })
    return { ...report, problems: report.problems.map((problem) => withoutPath(problem, folder)) }
  }
}

/** Where the service lies is nobody's business who may see its scans. */
const withoutPath = (text: string, folder: string): string =>
  text
    .replaceAll(`${folder}/`, '')
    .replaceAll(`${folder}\\`, '')
    .replaceAll(folder, "The service's own folder")
