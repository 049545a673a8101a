import { Buffer } from 'node:buffer'

/** Options of {@linkcode logDestination}. */
export interface LogDestinationOptions {
  /**
   * Writes bytes and tells how many were taken. Never blocks the event loop; fails with a system
   * error's `code`.
   */
  readonly write: (bytes: Uint8Array) => Promise<number>
  /** Bytes that wait at most. @default 8 MiB */
  readonly maxBytes?: number
  /** Lines that wait at most. @default 10_000 */
  readonly maxLines?: number
  /**
   * Milliseconds in which lines gather between two writes: each write wakes another thread, and is
   * waited for. @default 10
   */
  readonly gathering?: number
  /** The line that tells of lost ones, once there is room again. */
  readonly lostLine: (count: number) => string
}

/** Where lines go. */
export interface LogDestination {
  /** Takes a line with its end; returns at once, whatever becomes of it. */
  write(line: string): void
  /** Lines that were lost since the start. */
  lost(): number
  /** Resolves when all that was taken is written, or the time is up. @param timeout milliseconds */
  flush(timeout: number): Promise<void>
}

/** Characters that are handed over at a time: what fills as many waits for no more. */
const chunkSize = 65_536

const firstPause = 20
const lastPause = 1000

/** A reader that went away does not come back: what waits for it would only hold memory. */
const isGone = (code: unknown): boolean => code === 'EPIPE' || code === 'ECONNRESET'

/** Lines that go out together. */
interface Chunk {
  readonly bytes: Uint8Array
  readonly lines: number
  /** In characters, as lines are counted when they come. */
  readonly length: number
}

/**
 * A bounded queue before a file, pipe or terminal. One write is under way at a time: the first line
 * after a pause goes out at once, those that follow it gather for a moment. While nothing is taken (a
 * reader that sleeps, a full disk) lines wait; what finds no room is dropped and counted, and a line
 * says so as soon as lines are taken again. A line is written whole or not at all, as far as the other
 * side allows.
 */
export function logDestination(options: LogDestinationOptions): LogDestination {
  const { write, lostLine, gathering = 10 } = options
  const { maxBytes = 8 * 1024 * 1024, maxLines = 10_000 } = options
  /** The latest lines, in one text that grows: they are joined once. */
  let gathered = ''
  let gatheredLines = 0
  /** Earlier ones that wait. */
  let chunks: Chunk[] = []
  let queuedLines = 0
  let queuedLength = 0
  /** What the write under way has not taken yet. */
  let chunk: Uint8Array = new Uint8Array()
  let chunkLines = 0
  let lost = 0
  let untold = 0
  let running = false
  /** Ends the moment in which lines gather. */
  let goOn: (() => void) | undefined
  const waiting: (() => void)[] = []

  function lose(count: number): void {
    lost += count
    untold += count
  }

  function take(line: string): void {
    gathered += line
    gatheredLines++
    queuedLines++
    queuedLength += line.length
    if (gathered.length >= chunkSize) closeChunk()
  }

  function closeChunk(): void {
    if (gatheredLines === 0) return
    const { length } = gathered
    chunks.push({ bytes: Buffer.from(gathered), lines: gatheredLines, length })
    gathered = ''
    gatheredLines = 0
  }

  function nextChunk(): void {
    if (chunks.length === 0) closeChunk()
    const next = chunks.shift()
    if (next === undefined) return
    chunk = next.bytes
    chunkLines = next.lines
    queuedLines -= next.lines
    queuedLength -= next.length
  }

  function drop(): void {
    lose(chunkLines + queuedLines)
    gathered = ''
    gatheredLines = 0
    chunks = []
    queuedLines = 0
    queuedLength = 0
    chunk = new Uint8Array()
    chunkLines = 0
  }

  async function run(): Promise<void> {
    let pause = firstPause
    while (chunk.length > 0 || queuedLines > 0) {
      if (chunk.length === 0) nextChunk()
      const startedAt = performance.now()
      try {
        chunk = chunk.subarray(await write(chunk))
        pause = firstPause
        if (chunk.length > 0) continue
        chunkLines = 0
        if (untold > 0 && queuedLines === 0) {
          const count = untold
          untold = 0
          take(lostLine(count))
        }
        await gather(startedAt + gathering - performance.now())
      } catch (error) {
        if (isGone(error instanceof Error && 'code' in error ? error.code : undefined)) drop()
        else {
          await sleep(pause)
          pause = Math.min(pause * 2, lastPause)
        }
      }
    }
    running = false
    for (const resolve of waiting.splice(0)) resolve()
  }

  /** Waits for more lines: no longer than that, for no more than a chunk, and not where somebody waits. */
  async function gather(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || chunks.length > 0 || waiting.length > 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      goOn = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    goOn = undefined
  }

  return {
    write(line) {
      if (queuedLines >= maxLines || queuedLength + chunk.length + line.length > maxBytes) {
        lose(1)
        return
      }
      take(line)
      if (chunks.length > 0) goOn?.()
      if (running) return
      running = true
      // A turn later: lines of the same turn go out together.
      setImmediate(() => void run())
    },
    lost: () => lost,
    async flush(timeout) {
      if (!running) return
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeout)
      })
      const written = new Promise<void>((resolve) => waiting.push(resolve))
      goOn?.()
      await Promise.race([written, late])
      clearTimeout(timer)
    },
  }
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
