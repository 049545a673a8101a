/** The records in a folder, with its folders, and in the zips that lie in it. */
import { lstatSync, readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Limits, type RecordFile, RefusedError, total } from './limits.ts'
import { zipFiles } from './zip.ts'

/** Folders in folders: GitHub's database has five. */
const deepest = 20

/**
 * Reads all records of a folder or a zip. Links inside are not followed.
 *
 * @throws {RefusedError} if there is nothing to read, or too much
 */
export async function* recordFiles(path: string, limits: Limits): AsyncGenerator<RecordFile> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new RefusedError(`${path} is not there, or not to be read`)
  if (found.isDirectory()) yield* folderFiles(path, limits, total(limits, path), 1)
  else yield* zipFiles(path, limits)
}

async function* folderFiles(
  folder: string,
  limits: Limits,
  count: (bytes: number, name: string) => void,
  depth: number,
): AsyncGenerator<RecordFile> {
  if (depth > deepest) throw new RefusedError(`${folder} is too deep`)
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* folderFiles(path, limits, count, depth + 1)
    else if (!entry.isFile()) continue
    else if (entry.name.endsWith('.zip')) yield* zipFiles(path, limits)
    else if (entry.name.endsWith('.json')) {
      count(lstatSync(path).size, path)
      yield { name: path, bytes: readFileSync(path) }
    }
  }
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    // The same problems in the same order each time, whatever the disk.
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    throw new RefusedError(`${folder} cannot be read`, { cause: error })
  }
}
