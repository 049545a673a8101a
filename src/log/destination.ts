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

/** Bytes that are handed over at a time, at least. */
const chunkSize = 65_536

const firstPause = 20
const lastPause = 1000

/** A reader that went away does not come back: what waits for it would only hold memory. */
const isGone = (code: unknown): boolean => code === 'EPIPE' || code === 'ECONNRESET'

/**
 * A bounded queue before a file, pipe or terminal. One write is under way at a time, of as many
 * lines as wait. While nothing is taken (a reader that sleeps, a full disk) lines wait; what finds
 * no room is dropped and counted, and a line says so as soon as lines are taken again. A line is
 * written whole or not at all, as far as the other side allows.
 */
export function logDestination(options: LogDestinationOptions): LogDestination {
  const { write, lostLine, maxBytes = 8 * 1024 * 1024, maxLines = 10_000 } = options
  let queue: string[] = []
  let queuedLength = 0
  /** What the write under way has not taken yet. */
  let chunk: Uint8Array = new Uint8Array()
  let chunkLines = 0
  let lost = 0
  let untold = 0
  let running = false
  const waiting: (() => void)[] = []

  function lose(count: number): void {
    lost += count
    untold += count
  }

  /** The next lines to write, until they fill a chunk. */
  function nextChunk(): void {
    let end = 0
    for (let length = 0; end < queue.length && length < chunkSize; end++)
      length += queue[end]?.length ?? 0
    const lines = queue.slice(0, end)
    queue = queue.slice(end)
    const text = lines.join('')
    queuedLength -= text.length
    chunk = Buffer.from(text)
    chunkLines = lines.length
  }

  function drop(): void {
    lose(chunkLines + queue.length)
    queue = []
    queuedLength = 0
    chunk = new Uint8Array()
    chunkLines = 0
  }

  async function run(): Promise<void> {
    let pause = firstPause
    while (chunk.length > 0 || queue.length > 0) {
      if (chunk.length === 0) nextChunk()
      try {
        chunk = chunk.subarray(await write(chunk))
        pause = firstPause
        if (chunk.length > 0) continue
        chunkLines = 0
        if (untold > 0 && queue.length === 0) {
          const line = lostLine(untold)
          untold = 0
          queue.push(line)
          queuedLength += line.length
        }
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

  return {
    write(line) {
      if (queue.length >= maxLines || queuedLength + chunk.length + line.length > maxBytes) {
        lose(1)
        return
      }
      queue.push(line)
      queuedLength += line.length
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
      await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), late])
      clearTimeout(timer)
    },
  }
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
