import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DataFolderLockedError } from '../errors.ts'

/** Who holds a data folder, as written in its lock file. */
interface Holder {
  readonly pid: number
  /** Tells the process from a later one with the same number; null where nothing tells. */
  readonly startedAt: string | null
  /** Where its database listens, once it does. */
  readonly socket: string | null
  /** Given back in order. */
  readonly released: boolean
}

/** A data folder that this process holds. */
export interface FolderLock {
  /** Tells others where the database listens. */
  announce(socket: string): void
  /** Gives the folder back. */
  release(): void
}

/**
 * Takes a data folder for this process alone. Lock files are numbered, and whoever creates the next
 * number holds the folder: the file system lets one process do that, so that of two which find a
 * dead holder one wins. A number is only removed once a higher one is there, and none is used
 * twice, so a slow process cannot take what was taken and given back in the meantime.
 *
 * @throws {DataFolderLockedError} if a living process holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const startedAt = startOf(process.pid)
  for (;;) {
    const last = newest(folder)
    if (last !== undefined && (await isLive(last.holder)))
      throw new DataFolderLockedError(folder, last.holder.pid)
    const number = (last?.number ?? 0) + 1
    const mine: Holder = { pid: process.pid, startedAt, socket: null, released: false }
    if (!create(folder, number, mine)) continue
    if ((newest(folder)?.number ?? 0) > number) {
      // Our view was old: the folder has moved on without us.
      rmSync(lockFile(folder, number), { force: true })
      continue
    }
    for (const older of numbers(folder))
      if (older < number) rmSync(lockFile(folder, older), { force: true })
    return {
      announce: (socket) => replace(folder, number, { ...mine, socket }),
      release: () => replace(folder, number, { ...mine, released: true }),
    }
  }
}

/** The socket of the running service that holds the folder; undefined where none does. */
export async function socketOf(folder: string): Promise<string | undefined> {
  const holder = newest(folder)?.holder
  if (holder === undefined || holder.socket === null) return undefined
  return (await isLive(holder)) && (await answers(holder.socket)) ? holder.socket : undefined
}

const lockFile = (folder: string, number: number) => join(folder, `lock.${number}`)

function numbers(folder: string): number[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const [, digits] = /^lock\.(\d+)$/.exec(name) ?? []
      return digits === undefined ? [] : [Number(digits)]
    })
  } catch {
    return []
  }
}

function newest(folder: string): { readonly number: number; readonly holder: Holder } | undefined {
  const number = Math.max(0, ...numbers(folder))
  if (number === 0) return undefined
  try {
    return { number, holder: JSON.parse(readFileSync(lockFile(folder, number), 'utf8')) }
  } catch {
    // Removed since, because a higher number came: look again.
    return newest(folder)
  }
}

/** A file appears under its name complete, or not at all. */
function create(folder: string, number: number, holder: Holder): boolean {
  const draft = writeDraft(folder, holder)
  try {
    linkSync(draft, lockFile(folder, number))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function replace(folder: string, number: number, holder: Holder): void {
  renameSync(writeDraft(folder, holder), lockFile(folder, number))
}

function writeDraft(folder: string, holder: Holder): string {
  const draft = join(folder, `lock-draft.${process.pid}.${crypto.randomUUID()}`)
  writeFileSync(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600, flag: 'wx' })
  return draft
}

async function isLive({ pid, startedAt, socket, released }: Holder): Promise<boolean> {
  if (released) return false
  const now = startOf(pid)
  if (now !== null && startedAt !== null ? now === startedAt : isRunning(pid)) return true
  // A holder in another container has a number that means nothing here; its socket does.
  return socket !== null && (await answers(socket))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** When a process was started: boot, and clock ticks since (proc(5), field 22). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`
  } catch {
    return null
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path: socket })
    const settle = (answer: boolean) => {
      probe.destroy()
      resolve(answer)
    }
    probe.once('connect', () => settle(true))
    probe.once('error', () => settle(false))
    probe.setTimeout(1000, () => settle(false))
  })
}
