/** A scan: what a project has installed, what is known of it, what to do about it. */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Ignore, IgnoreListError, productionOf, readIgnoreList } from './findings/index.ts'
import { look } from './look.ts'
import type { Project, ScanReport } from './model.ts'
import { ProjectError, readProject } from './projects/index.ts'
import type { ScanOptions } from './scan-options.ts'

/**
 * Scans a project once. What cannot be read is a report that has failed, what cannot be asked one that
 * is incomplete: each says why, and neither is ever a clean bill.
 *
 * @throws the reason of `signal`, and for faults of its own
 */
export async function scan(options: ScanOptions): Promise<ScanReport> {
  const { folder, signal, production = false, now = () => new Date(), onProgress } = options
  signal.throwIfAborted()
  const startedAt = now()
  onProgress?.({ step: 'project', done: 0, of: 1 })
  const read = await readAll(folder)
  if ('problems' in read) return failedReport(read.problems, startedAt, now())
  const project = production ? productionOf(read.project) : read.project
  options.onProject?.(project)
  const found = await look(project, { ...options, ignores: read.ignores, startedAt })
  signal.throwIfAborted()
  return {
    status: found.problems.length === 0 ? 'complete' : 'incomplete',
    project: { format: project.format, file: project.file },
    ...found,
    startedAt: startedAt.toISOString(),
    finishedAt: now().toISOString(),
  }
}

type Read =
  | { readonly project: Project; readonly ignores: readonly Ignore[] }
  /** Why there is nothing to be scanned, all at once. */
  | { readonly problems: readonly string[] }

async function readAll(path: string): Promise<Read> {
  const [project, ignores] = await Promise.allSettled([
    readProject(path),
    folderOf(path).then(readIgnoreList),
  ])
  if (project.status === 'fulfilled' && ignores.status === 'fulfilled')
    return { project: project.value, ignores: ignores.value }
  const reasons = [project, ignores].flatMap((one) =>
    one.status === 'rejected' ? [one.reason] : [],
  )
  return { problems: reasons.map(problemOf) }
}

/** Where the ignore list is: beside a lockfile that is named itself. */
async function folderOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() === false ? dirname(path) : path
}

/** @throws what is no fault of the project's */
function problemOf(reason: unknown): string {
  if (reason instanceof ProjectError || reason instanceof IgnoreListError) return reason.message
  throw reason
}

const failedReport = (problems: readonly string[], from: Date, to: Date): ScanReport => ({
  status: 'failed',
  project: undefined,
  ...{ packages: 0, withheld: 0, findings: [], outdated: [], notes: [] },
  problems,
  startedAt: from.toISOString(),
  finishedAt: to.toISOString(),
})
