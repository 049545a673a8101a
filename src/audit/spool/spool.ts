/**
 * The spool: where rows are safe on disk while the database is away. Files of a folder, of which
 * each process writes its own; what a dead one has left, the living take over.
 */
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { AuditRow } from '../row.ts'
import { damagedFiles } from './damaged.ts'
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
  /** Bytes that this process keeps there at most, damaged files among them. */
  readonly limit: number
  /** Bytes after which another file is begun. @default 4 MiB */
  readonly segmentSize?: number
  /** Hears the name of a damaged file that is removed to make room. @default nobody */
  readonly onForget?: (name: string) => void
}

/** Rows on disk. */
export interface Spool {
  /** Bytes of this process's files that wait for the database. */
  bytes(): number
  /** When the first of these files was begun, within a second of its first row; undefined: none. */
  oldestAt(): number | undefined
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
  /**
   * Keeps it under another name for a person to look at: not all of it can be used. The oldest of
   * such files go where they are many, or where rows need the room.
   */
  setAside(): Promise<void>
}

/** There is no room for more, or the disk refuses: see the cause. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError'
}

interface ClosedFile {
  readonly path: string
  readonly size: number
  /** Rows that were acknowledged; of a dead process's file nobody knows. */
  readonly rows: number | undefined
}

const megabyte = 2 ** 20

async function read({ path, size, rows }: ClosedFile): Promise<ReadLines> {
  try {
    const bytes = await readFile(path)
    if (rows === undefined) return readLines(bytes)
    // What stands behind these bytes was refused, and its callers were told.
    const found = readLines(bytes.subarray(0, size))
    return { ...found, damaged: Math.max(found.damaged, rows - found.rows.length) }
  } catch (error) {
    // Whoever has taken it over replays it. Any other file that cannot be read is damaged as a whole.
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return { rows: [], damaged: gone ? 0 : 1 }
  }
}

/** A spool in a folder. Touches nothing until it is used. */
export function openSpool(options: SpoolOptions): Spool {
  const { folder, limit, segmentSize = 4 * megabyte, onForget } = options
  const damaged = damagedFiles(folder, onForget)
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
    if (current === undefined) {
      current = await createSegment(await pathFor('segment'))
      await syncFolder(folder)
    }
    return current
  }

  /** Nothing is added to the current file any more. */
  async function finish(): Promise<void> {
    if (current === undefined) return
    const { path, size, lines, close } = current
    current = undefined
    closed.push({ path, size: size(), rows: lines() })
    await close()
  }

  async function write(rows: readonly AuditRow[]): Promise<void> {
    if (current !== undefined && current.size() >= segmentSize) await finish()
    const lines = writeLines(rows, current?.lines() ?? 0)
    const room = limit - bytes() - lines.length
    if (room < 0) throw new SpoolFullError('The spool is full')
    if (damaged.bytes() > room) await damaged.shrink(room)
    const segment = await writable()
    try {
      await segment.append(lines, rows.length)
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
      await damaged.add(file.path)
      await damaged.shrink(limit - bytes())
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
      closed.push({ path: own, size: (await stat(own)).size, rows: undefined })
    } catch {
      // Somebody else was first.
    }
    return undefined
  }

  return {
    bytes,
    pathFor,

    oldestAt() {
      const path = closed[0]?.path ?? current?.path
      return path === undefined ? undefined : readName(basename(path))?.begun
    },

    append: (rows) =>
      exclusively(async () => {
        try {
          await write(rows).catch((error: unknown) => {
            if (error instanceof SegmentTakenError) return write(rows)
            throw error
          })
        } catch (cause) {
          if (cause instanceof SpoolFullError) throw cause
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
        await damaged.shrink(limit - bytes())
        return gaps.filter((path) => path !== undefined)
      }),

    close: () => exclusively(finish),
  }
}
