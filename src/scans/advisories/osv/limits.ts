/** What a database of files may come to. */
export interface Limits {
  /** Bytes of one record. */
  readonly record: number
  /** Bytes of all of them. */
  readonly all: number
  readonly records: number
}

/**
 * All of OSV's npm records had some 300 MiB and 220,000 files in 2026; all of its ecosystems ten times
 * that. The largest record has 3 MiB.
 */
export const usualLimits: Limits = { record: 16 * 2 ** 20, all: 8 * 2 ** 30, records: 5_000_000 }

/** A file that should hold a record. */
export interface RecordFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A folder or zip is not read, or not any further. The message is for an operator. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** Counts what is read, before it is. @throws {RefusedError} beyond the limits */
export function total(limits: Limits, path: string): (bytes: number, name: string) => void {
  let records = 0
  let all = 0
  return (bytes, name) => {
    records += 1
    all += bytes
    if (bytes > limits.record)
      throw new RefusedError(`${path} has a file of more than ${limits.record} bytes: ${name}`)
    if (all > limits.all) throw new RefusedError(`${path} has more than ${limits.all} bytes`)
    if (records > limits.records)
      throw new RefusedError(`${path} has more than ${limits.records} records`)
  }
}
