import { open } from 'node:fs/promises'
import { hex, type SignedSeal, sealJson } from './seal.ts'

/** Options of {@linkcode openAnchor}. */
export interface AnchorOptions {
  /** A file that lines are added to, or an http(s) URL that takes a POST (`AUDIT_ANCHOR`). */
  readonly target: string
  /** Hears that the anchor cannot be written, once until it can again; then of that, undefined. */
  readonly onState: (error: unknown) => void
  /** Milliseconds before the first retry; each later one waits twice as long. @default 1000 */
  readonly retryDelay?: number
}

/** Where the heads of the chain go outside of the database. */
export interface Anchor {
  /** Takes a seal; never waits and never fails. */
  add(seal: SignedSeal): void
  /** Seals that wait to be written. */
  pending(): number
  /** Tries what is left once more. @param timeout milliseconds */
  close(timeout: number): Promise<void>
}

/** Seals that wait at most. The oldest goes first: each speaks for all before it. */
const mostPending = 1000

const longestDelay = 60_000

/** Milliseconds for one POST. */
const postTimeout = 10_000

/** A seal as an anchor keeps it: one line of JSON. */
export const anchorLine = (seal: SignedSeal): string =>
  JSON.stringify({ seal: sealJson(seal), signature: hex(seal.signature) })

/**
 * Writes the head of each seal to a place that whoever can change the database cannot change. In the
 * background and in order; what fails is tried again for as long as the process lives.
 */
export function openAnchor({ target, onState, retryDelay = 1000 }: AnchorOptions): Anchor {
  const write = /^https?:\/\//.test(target) ? poster(target) : appender(target)
  let waiting: SignedSeal[] = []
  let delay = 0
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  /** Writes until nothing waits, or it fails. */
  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      let written = 0
      try {
        for await (const count of write(batch)) written = count
        if (delay > 0) onState(undefined)
        delay = 0
      } catch (error) {
        waiting = [...batch.slice(written), ...waiting].slice(-mostPending)
        if (delay === 0) onState(error)
        delay = Math.min(longestDelay, Math.max(retryDelay, delay * 2))
        return
      }
    }
  }

  function start(): Promise<void> {
    running ??= drain().finally(() => {
      running = undefined
      if (waiting.length === 0) return
      clearTimeout(timer)
      timer = setTimeout(() => void start(), delay)
      timer.unref()
    })
    return running
  }

  return {
    add(seal) {
      waiting = [...waiting.slice(1 - mostPending), seal]
      if (delay === 0) void start()
    },
    pending: () => waiting.length,
    async close(timeout) {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, timeout).unref())
      await Promise.race([start().then(start), limit])
      clearTimeout(timer)
    },
  }
}

/** Writes seals, and gives after each step how many of them are written. */
type Write = (seals: readonly SignedSeal[]) => AsyncIterable<number>

/** Adds lines to a file and has them reach the disk. Opened each time: it may be moved away. */
const appender = (path: string): Write =>
  async function* (seals) {
    const file = await open(path, 'a+', 0o600)
    try {
      const { size } = await file.stat()
      const last = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
      // A line that a crash has cut off must not take the next one with it.
      const start = size === 0 || last.buffer[0] === newLine ? '' : '\n'
      await file.appendFile(start + seals.map((seal) => `${anchorLine(seal)}\n`).join(''))
      await file.datasync()
    } finally {
      await file.close()
    }
    yield seals.length
  }

const newLine = 0x0a

/** Posts seals one by one. */
const poster = (url: string): Write =>
  async function* (seals) {
    for (const [index, seal] of seals.entries()) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: anchorLine(seal),
        redirect: 'error',
        signal: AbortSignal.timeout(postTimeout),
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`The anchor answered ${response.status}`)
      yield index + 1
    }
  }
