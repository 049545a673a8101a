import type { Connection } from '../pool/index.ts'

/** What changed: caches that know of it must ask again. */
export interface Change {
  /** A user stands for all their sessions and for the keys that they made. */
  readonly kind: 'user' | 'session' | 'key'
  readonly id: string
}

/** Hears of each change after its commit, at least once. */
export type OnChange = (change: Change) => void

/** A way to hear of changes that has been opened. */
export interface ChangeSource {
  readonly kind: 'listening' | 'polling'
  /** Milliseconds between two questions. */
  readonly interval: number
  /**
   * Asks for a sign of life. When it resolves, every change that was committed before the call has
   * been told.
   *
   * @throws {DatabaseLayerError} if there is no answer in time; the source is of no use then
   */
  ask(): Promise<void>
  close(): void
}

/** Milliseconds without an answer after which a connection is given up. */
export const silence = 800

/** Ends a connection whose answer does not come in time, which fails what waits for it. */
export async function inTime<Result>(
  connection: Connection,
  work: () => Promise<Result>,
): Promise<Result> {
  const timer = setTimeout(() => connection.destroy(), silence)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}

/** Reads what `caly_tell_of_change` writes; undefined for what a newer version may send. */
export function readChange(kind: unknown, id: unknown): Change | undefined {
  if (kind !== 'user' && kind !== 'session' && kind !== 'key') return undefined
  return typeof id === 'string' && id !== '' ? { kind, id } : undefined
}
