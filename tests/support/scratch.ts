import { statfsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Linux's file system in memory. */
const inMemory = '/dev/shm'

/** Bytes that have to be free, there and altogether: several times what the tests that run together take. */
const plenty = 4 * 2 ** 30

/**
 * Where the databases of tests live: in memory where there is plenty of it. Hundreds of them are
 * copied and thrown away, which costs a disk's file system several times the CPU time.
 */
export const scratchRoot = (): string => (hasPlenty() ? inMemory : tmpdir())

/** Makes an empty folder for a database. */
export const scratchFolder = (prefix: string): Promise<string> =>
  mkdtemp(join(scratchRoot(), prefix))

function hasPlenty(): boolean {
  try {
    const { bavail, bsize } = statfsSync(inMemory)
    return Math.min(bavail * bsize, freemem()) > plenty
  } catch {
    return false
  }
}
