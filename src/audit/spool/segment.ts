import { type FileHandle, open, stat } from 'node:fs/promises'

/** A file that is being appended to. */
export interface Segment {
  readonly path: string
  /** Bytes in it, as far as they are known to be on the disk. */
  size(): number
  /** Lines in it, likewise. */
  lines(): number
  /**
   * Appends, and resolves once that is on the disk, under this very name.
   *
   * @throws the system's error; the end of the file is then of unknown state, and nothing may follow
   * @throws {SegmentTakenError} if another process has taken the file for its own
   */
  append(bytes: Uint8Array, lines: number): Promise<void>
  close(): Promise<void>
}

/** Another process took this one for dead and reads the file: what was appended last may be missed. */
export class SegmentTakenError extends Error {
  override readonly name = 'SegmentTakenError'
}

/** Makes a file, readable by its owner alone. @throws the system's error */
export async function createSegment(path: string): Promise<Segment> {
  const handle = await open(path, 'ax', 0o600)
  const { ino } = await handle.stat()
  let written = 0
  let lines = 0
  return {
    path,
    size: () => written,
    lines: () => lines,
    async append(bytes, count) {
      await handle.appendFile(bytes)
      await handle.datasync()
      // Whoever takes it renames it first and reads it afterwards: where the name is still ours, all
      // that is on the disk will be read.
      if ((await inodeAt(path)) !== ino) throw new SegmentTakenError('The file was taken')
      written += bytes.length
      lines += count
    },
    close: () => handle.close(),
  }
}

async function inodeAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch {
    return undefined
  }
}

/** Has the names in a folder survive a power cut. @throws the system's error */
export async function syncFolder(folder: string): Promise<void> {
  const handle: FileHandle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
