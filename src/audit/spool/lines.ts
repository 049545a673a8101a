/**
 * How rows stand in a spool file: a line each, `CRC LENGTH JSON`, the CRC-32 of the JSON in 8 hex
 * digits and its length in bytes. JSON holds no line feed, so that a damaged line costs itself only.
 */
import { crc32 } from 'node:zlib'
import type { AuditRow } from '../row.ts'

/** What a file held. */
export interface ReadLines {
  readonly rows: readonly AuditRow[]
  /** Lines that are not as they were written, beside one at the end that never was whole. */
  readonly damaged: number
}

/** Writes rows as lines. */
export function writeLines(rows: readonly AuditRow[]): Buffer {
  const lines = rows.map((row) => {
    const json = JSON.stringify({
      ...row,
      createdAt: row.createdAt.getTime(),
      personalSalt: base64(row.personalSalt),
      personalCommitment: base64(row.personalCommitment),
      mac: base64(row.mac),
    })
    return `${head(json)} ${json}\n`
  })
  return Buffer.from(lines.join(''))
}

/** Reads lines. The last one may be torn: whoever wrote it died before anybody was told. */
export function readLines(bytes: Buffer): ReadLines {
  const lines = bytes.toString('utf8').split('\n')
  const torn = lines.pop()
  const rows = lines.map(readLine)
  const whole = rows.filter((row) => row !== undefined)
  const last = torn === undefined ? undefined : readLine(torn)
  return {
    rows: last === undefined ? whole : [...whole, last],
    damaged: rows.length - whole.length,
  }
}

/** The row of a line; undefined where the line is not as it was written. */
function readLine(line: string): AuditRow | undefined {
  const start = line.indexOf('{')
  const json = line.slice(start)
  if (start < 0 || line.slice(0, start - 1) !== head(json)) return undefined
  const row: WrittenRow = JSON.parse(json)
  return {
    ...row,
    createdAt: new Date(row.createdAt),
    personalSalt: Buffer.from(row.personalSalt, 'base64'),
    personalCommitment: Buffer.from(row.personalCommitment, 'base64'),
    mac: Buffer.from(row.mac, 'base64'),
  }
}

type Bytes = 'personalSalt' | 'personalCommitment' | 'mac'

type WrittenRow = Omit<AuditRow, 'createdAt' | Bytes> & {
  readonly createdAt: number
} & Readonly<Record<Bytes, string>>

const head = (json: string): string =>
  `${crc32(json).toString(16).padStart(8, '0')} ${Buffer.byteLength(json)}`

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
