/**
 * The spool: where rows are safe on disk while the database is away. Files of a folder, of which
 * each process writes its own; what a dead one has left, the living take over.
 */
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditRow } from '../row.ts'
import { type ReadLines, readLines, writeLines } from './lines.ts'
import {
  isAbandoned,
  newOwner,
  readName,
  type SpoolFileKind,
  sequences,
  writeName,
} from './names.ts'
import { createSegment, type Segment, SegmentTakenError, syncFolder } from './segment.ts'

/** Options of {@linkcode openSpool}. */
export interface SpoolOptions {
  /** Made at the first write, for its owner alone. */
  readonly folder: string
  /** Bytes that this process keeps there at most. */
  readonly limit: number
  /** Bytes after which another file is begun. @default 4 MiB */
  readonly segmentSize?: number
}

/** Rows on disk. */
export interface Spool {
  /** Bytes of this process's files. */
  bytes(): number
  /**
   * Adds rows, and resolves once they are on the disk.
   *
   * @throws {SpoolFullError} if they are not, for want of room or because the disk refuses
   */
  append(rows: readonly AuditRow[]): Promise<void>
  /** The file that was begun first; nothing is added to it any more. */
  oldest(): Promise<SpooledFile | undefined>
  /**
   * Tells others that this process lives, and takes over what the dead have left.
   *
   * @returns their files of the other kind, which the caller reads and removes
   */
  adopt(): Promise<readonly string[]>
  /** The path of a new file of that kind, of this process. */
  pathFor(kind: SpoolFileKind): Promise<string>
  close(): Promise<void>
}

/** Rows that wait for the database. */
export interface SpooledFile extends ReadLines {
  /** Removes the file, once its rows are in the database. */
  remove(): Promise<void>
  /** Keeps it under another name for a person to look at: not all of it can be used. */
  setAside(): Promise<void>
}

/** There is no room for more, or the disk refuses: see the cause. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError'
}

interface ClosedFile {
  readonly path: string
  readonly size: number
}

const megabyte = 2 ** 20

async function read({ path }: ClosedFile): Promise<ReadLines> {
  try {
    return readLines(await readFile(path))
  } catch (error) {
    // Whoever has taken it over replays it. Any other file that cannot be read is damaged as a whole.
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return { rows: [], damaged: gone ? 0 : 1 }
  }
}

/** A spool in a folder. Touches nothing until it is used. */
export function openSpool({ folder, limit, segmentSize = 4 * megabyte }: SpoolOptions): Spool {
  const owner = newOwner()
  const nextSequence = sequences()
  /** Sorted by name, which is by age. */
  let closed: ClosedFile[] = []
  let current: Segment | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const bytes = () => closed.reduce((sum, { size }) => sum + size, current?.size() ?? 0)
  const nameFor = (kind: SpoolFileKind) => writeName({ sequence: nextSequence(), owner, kind })

  /** One at a time: a file must not be read as whole while it is appended to. */
  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  async function pathFor(kind: SpoolFileKind): Promise<string> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return join(folder, nameFor(kind))
  }

  async function writable(): Promise<Segment> {
    if (current !== undefined && current.size() >= segmentSize) await finish()
    if (current === undefined) {
      current = await createSegment(await pathFor('segment'))
      await syncFolder(folder)
    }
    return current
  }

  /** Nothing is added to the current file any more. */
  async function finish(): Promise<void> {
    if (current === undefined) return
    const { path, size, close } = current
    current = undefined
    closed.push({ path, size: size() })
    await close()
  }

  async function write(lines: Buffer): Promise<void> {
    const segment = await writable()
    try {
      await segment.append(lines)
    } catch (error) {
      // What it holds was acknowledged; what follows would stand behind a torn line.
      await finish().catch(() => {})
      throw error
    }
  }

  const forget = (file: ClosedFile) => {
    closed = closed.filter((other) => other !== file)
  }

  const endsOf = (file: ClosedFile) => ({
    async remove() {
      await rm(file.path, { force: true })
      forget(file)
    },
    async setAside() {
      forget(file)
      await rename(file.path, `${file.path}.damaged`)
    },
  })

  async function take(name: string): Promise<string | undefined> {
    const known = readName(name)
    const path = join(folder, name)
    if (known === undefined || known.owner.start === owner.start) return undefined
    try {
      if (!isAbandoned(known.owner, Date.now() - (await stat(path)).mtimeMs)) return undefined
      const own = join(folder, writeName({ ...known, owner }))
      await rename(path, own)
      if (known.kind === 'gap') return own
      closed.push({ path: own, size: (await stat(own)).size })
    } catch {
      // Somebody else was first.
    }
    return undefined
  }

  return {
    bytes,
    pathFor,

    append: (rows) =>
      exclusively(async () => {
        const lines = writeLines(rows)
        if (bytes() + lines.length > limit) throw new SpoolFullError('The spool is full')
        try {
          await write(lines).catch((error: unknown) => {
            if (error instanceof SegmentTakenError) return write(lines)
            throw error
          })
        } catch (cause) {
          throw new SpoolFullError('The disk takes no more of the spool', { cause })
        }
      }),

    oldest: () =>
      exclusively(async () => {
        if (closed.length === 0) await finish()
        const [file] = closed
        return file && { ...(await read(file)), ...endsOf(file) }
      }),

    adopt: () =>
      exclusively(async () => {
        const now = new Date()
        for (const path of [...closed.map((file) => file.path), current?.path])
          if (path !== undefined) await utimes(path, now, now).catch(() => {})
        const names = await readdir(folder).catch(() => [])
        const gaps = []
        for (const name of names.sort()) gaps.push(await take(name))
        closed.sort((one, other) => (one.path < other.path ? -1 : 1))
        return gaps.filter((path) => path !== undefined)
      }),

    close: () => exclusively(finish),
  }
}
