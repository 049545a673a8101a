/** Whose a file of the spool is, by its name: `SEQUENCE-HOST-PID-START.segment`. */
import { createHash, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import process from 'node:process'

/** What a file of the spool is: rows, or how many events have none. */
export type SpoolFileKind = 'segment' | 'gap'

/** The parts of a name. */
export interface SpoolFileName {
  /** 16 digits: names sort by when their files were begun, whoever began them. */
  readonly sequence: string
  readonly owner: Owner
  readonly kind: SpoolFileKind
}

/** What a name tells, once it is read. */
export interface ReadSpoolFileName extends SpoolFileName {
  /** When the file was begun: milliseconds since the epoch. */
  readonly begun: number
}

/** A process that has files in the spool. */
export interface Owner {
  /** 8 hex digits that stand for the host's name. */
  readonly host: string
  readonly pid: number
  /** 8 random hex digits: a process number comes again, in a container always. */
  readonly start: string
}

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)

/** This process, as one that opens the spool now. */
export const newOwner = (): Owner => ({
  host,
  pid: process.pid,
  start: randomBytes(4).toString('hex'),
})

/** Writes a name. */
export const writeName = ({ sequence, owner, kind }: SpoolFileName): string =>
  `${sequence}-${owner.host}-${owner.pid}-${owner.start}.${kind}`

/** Reads a name; undefined where it is none of the spool's. */
export function readName(name: string): ReadSpoolFileName | undefined {
  const [, sequence, host, pid, start, kind] =
    /^(\d{16})-([0-9a-f]{8})-(\d{1,10})-([0-9a-f]{8})\.(segment|gap)$/.exec(name) ?? []
  if (sequence === undefined || host === undefined || start === undefined) return undefined
  return {
    sequence,
    owner: { host, pid: Number(pid), start },
    kind: kind === 'gap' ? 'gap' : 'segment',
    begun: Number(sequence) / microseconds,
  }
}

/** Of a millisecond: sequences count these, so that a thousand files may be begun in one. */
const microseconds = 1000

/** Makes sequences that grow, whatever the clock does. */
export function sequences(now: () => number = Date.now): () => string {
  let last = 0
  return () => {
    last = Math.max(last + 1, now() * microseconds)
    return String(last).padStart(16, '0')
  }
}

/** Milliseconds without a sign of life after which a process counts as dead. */
const patience = 60_000

/**
 * Whether a process has left its files behind. Of another host, or where its number was given again,
 * only the files' age can tell: the living touch theirs.
 *
 * @param age milliseconds since its file was touched
 */
export function isAbandoned(owner: Owner, age: number): boolean {
  if (age > patience) return true
  if (owner.host !== host) return false
  // Not us, since whoever asks knows its own: our number is that of somebody dead.
  return owner.pid === process.pid || !isAlive(owner.pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
