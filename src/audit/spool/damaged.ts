import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readName } from './names.ts'

/** Files that are not all of use, kept for a person to look at. */
export interface DamagedFiles {
  /** Bytes of them, as far as is known. */
  bytes(): number
  /** Keeps a file, under another name. @throws the system's error */
  add(path: string): Promise<void>
  /**
   * Removes the oldest, until the others are few enough and have no more bytes than that. Never
   * rejects: what cannot be removed stays.
   */
  shrink(bytes: number): Promise<void>
}

/** Of them all are kept at most. */
const mostFiles = 16

const ending = '.damaged'

/**
 * The damaged files of a folder, whichever process left them.
 *
 * @param onForget hears the name of each that is removed
 */
export function damagedFiles(folder: string, onForget?: (name: string) => void): DamagedFiles {
  let total = 0

  /** From the newest on: names begin with when a file was begun. */
  async function list(): Promise<readonly string[]> {
    const names = await readdir(folder).catch(() => [])
    const damaged = names.filter((name) => name.endsWith(ending))
    return damaged
      .filter((name) => readName(name.slice(0, -ending.length)) !== undefined)
      .sort()
      .reverse()
  }

  return {
    bytes: () => total,
    add: (path) => rename(path, path + ending),
    async shrink(bytes) {
      let [files, kept] = [0, 0]
      for (const name of await list()) {
        const path = join(folder, name)
        const size = await sizeOf(path)
        if (size === undefined) continue
        const fits = files < mostFiles && kept + size <= bytes
        if (!fits && (await removed(path))) {
          onForget?.(name)
          continue
        }
        files += 1
        kept += size
      }
      total = kept
    },
  }
}

async function removed(path: string): Promise<boolean> {
  try {
    await rm(path, { force: true })
    return true
  } catch {
    return false
  }
}

/** Undefined where another process was faster. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch {
    return undefined
  }
}
