/**
 * What the trail owes: how many events have no row, and since when. Kept in a small file of its own,
 * whose bytes are on the disk from the start, so that a full disk takes the counts and a crash does
 * not hide the gap.
 */
import { type FileHandle, open, readFile, rm } from 'node:fs/promises'
import type { Spool } from '../spool/index.ts'

/** Events that no row tells of. Times are milliseconds since the epoch. */
export interface Gap {
  /** Whose actions were carried out. */
  readonly dropped: number
  /** Whose requests were answered 503 or failed. */
  readonly refused: number
  readonly from: number
  readonly to: number
}

/** The gap of this process, and of those whose files it took over. */
export interface GapKeeper {
  /** Notes events that will have no row. */
  note(kind: 'dropped' | 'refused', count: number): void
  /** Makes the file. Never rejects: without a disk the gap is in memory alone. */
  open(): Promise<void>
  /** Adds what dead processes have left, removes their files, and shows that this one lives. */
  inherit(paths: readonly string[]): Promise<void>
  /** Whether the file could be written when that was last tried. */
  onDisk(): boolean
  /** The gap so far; undefined: there is none. */
  current(): Gap | undefined
  /** A row tells of it now. */
  settle(told: Gap): Promise<void>
  /** Keeps the file only where it says something. */
  close(): Promise<void>
}

/** Bytes of the file: as many as any gap needs. */
const size = 256

/** Milliseconds between two writes of a growing gap. */
const interval = 1000

/** @param now milliseconds since the epoch */
export function gapKeeper(spool: Pick<Spool, 'pathFor'>, now: () => number): GapKeeper {
  let gap: Gap | undefined
  let file: Promise<OpenFile | undefined> | undefined
  let onDisk = true
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  async function begin(): Promise<OpenFile | undefined> {
    try {
      const path = await spool.pathFor('gap')
      return { path, handle: await open(path, 'wx', 0o600) }
    } catch {
      return undefined
    }
  }

  function save(): Promise<void> {
    writing = writing.then(async () => {
      file ??= begin()
      const opened = await file
      if (opened === undefined) file = undefined
      try {
        await opened?.handle.write(encode(gap), 0, size, 0)
        await opened?.handle.datasync()
        onDisk = opened !== undefined
      } catch {
        onDisk = false
      }
    })
    return writing
  }

  function saveSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void save()
    }, interval)
    timer.unref()
  }

  function add(more: Gap): void {
    gap = gap === undefined ? more : sumOf(gap, more)
  }

  return {
    note(kind, count) {
      const first = gap === undefined
      const at = now()
      add({ dropped: 0, refused: 0, from: at, to: at, [kind]: count })
      if (first) void save()
      else saveSoon()
    },
    async inherit(paths) {
      for (const path of paths) {
        const left = decode(await readFile(path, 'utf8').catch(() => ''))
        if (left !== undefined) add(left)
        await save()
        await rm(path, { force: true })
      }
      await save()
    },
    open: save,
    onDisk: () => onDisk,
    current: () => gap,
    async settle(told) {
      if (gap !== undefined) gap = rest(gap, told)
      await save()
    },
    async close() {
      clearTimeout(timer)
      await save()
      const opened = await file
      await opened?.handle.close()
      if (gap === undefined && opened !== undefined) await rm(opened.path, { force: true })
    },
  }
}

interface OpenFile {
  readonly path: string
  readonly handle: FileHandle
}

const sumOf = (one: Gap, other: Gap): Gap => ({
  dropped: one.dropped + other.dropped,
  refused: one.refused + other.refused,
  from: Math.min(one.from, other.from),
  to: Math.max(one.to, other.to),
})

/** What has come on top since it was told. */
function rest(gap: Gap, told: Gap): Gap | undefined {
  const dropped = gap.dropped - told.dropped
  const refused = gap.refused - told.refused
  return dropped + refused > 0 ? { dropped, refused, from: told.to, to: gap.to } : undefined
}

const encode = (gap: Gap | undefined): Buffer =>
  Buffer.from(JSON.stringify(gap ?? null).padEnd(size))

function decode(text: string): Gap | undefined {
  try {
    const gap: Gap | null = JSON.parse(text)
    return gap ?? undefined
  } catch {
    return undefined
  }
}
