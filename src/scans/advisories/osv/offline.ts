/** OSV's records as files: for networks that end at a door. */
import type { AdvisorySource } from '../../model.ts'
import { recordFiles } from './folder.ts'
import { type Limits, RefusedError, usualLimits } from './limits.ts'
import { keyOf, Reading } from './reading.ts'

/** Options of {@linkcode osvFiles}. */
export interface OsvFilesOptions {
  /**
   * A folder of records (`*.json`, in folders of any depth, and zips of them), or a zip, such as
   * https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip
   */
  readonly path: string
  /** @default {@linkcode usualLimits} */
  readonly limits?: Limits
}

/** Milliseconds for which records are read before others get their turn: Caly serves calls meanwhile. */
const turn = 20

/**
 * Looks packages up in files. All records about a package are told, of whatever version: what they are
 * about is found out by their ranges, and for ecosystems whose order of versions is not known here by
 * their lists.
 *
 * What has been read without a problem is kept: another question about the same names, in other
 * versions, reads nothing again. A source is therefore for one scan.
 */
export function osvFiles({ path, limits = usualLimits }: OsvFilesOptions): AdvisorySource {
  let known: Reading['found'] = new Map()
  return {
    name: 'OSV files',
    async ask(packages, signal) {
      const reading = new Reading(packages.filter((one) => !known.has(keyOf(one))))
      const problems = reading.found.size === 0 ? [] : await readAll(path, limits, reading, signal)
      const all = new Map([...known, ...reading.found])
      if (problems.length === 0) known = all
      return {
        advisories: [...new Set(packages.map(keyOf))].flatMap((key) => all.get(key) ?? []),
        problems,
      }
    },
  }
}

async function readAll(
  path: string,
  limits: Limits,
  reading: Reading,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    let since = performance.now()
    for await (const { name, bytes } of recordFiles(path, limits)) {
      reading.add(name, bytes)
      if (performance.now() - since < turn) continue
      await new Promise((resolve) => setImmediate(resolve))
      if (signal.aborted) throw new RefusedError(`${path} could not be read in time`)
      since = performance.now()
    }
    return reading.problems(path, true)
  } catch (error) {
    const why = error instanceof RefusedError ? error.message : `${path} cannot be read`
    return [`OSV's records were not all read: ${why}.`, ...reading.problems(path, false)]
  }
}
