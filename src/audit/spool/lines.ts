/**
 * How rows stand in a spool file: a line each, `CRC LENGTH NUMBER END JSON`. The CRC-32 (8 hex
 * digits) and the length in bytes are those of what follows them. NUMBER counts the file's lines from
 * 0; END is how many there were once the rows were written that came together with this one. JSON
 * holds no line feed, so that a damaged line costs itself only, a damaged line feed two.
 */
import { crc32 } from 'node:zlib'
import type { AuditRow } from '../row.ts'

/** What a file held. */
export interface ReadLines {
  readonly rows: readonly AuditRow[]
  /** Rows that it held once, or may have held, and that cannot be read any more. */
  readonly damaged: number
}

/**
 * Writes rows as lines.
 *
 * @param first how many lines the file has already
 */
export function writeLines(rows: readonly AuditRow[], first: number): Buffer {
  const lines = rows.map((row, index) => {
    const json = JSON.stringify({
      ...row,
      createdAt: row.createdAt.getTime(),
      personalSalt: base64(row.personalSalt),
      personalCommitment: base64(row.personalCommitment),
      mac: base64(row.mac),
    })
    const body = `${first + index} ${first + rows.length} ${json}`
    return `${head(body)} ${body}\n`
  })
  return Buffer.from(lines.join(''))
}

/**
 * Reads lines. What is missing is known by the numbers of those that are there; after the last one
 * that is whole, each line that is none counts, a torn one too.
 */
export function readLines(bytes: Buffer): ReadLines {
  const rows = new Map<number, AuditRow>()
  let [next, announced, unread] = [0, 0, 0]
  for (const text of bytes.toString('utf8').split('\n')) {
    const line = readLine(text)
    if (line !== undefined) {
      rows.set(line.number, line.row)
      next = Math.max(next, line.number + 1)
      announced = Math.max(announced, line.end)
      unread = 0
    } else if (text !== '') unread += 1
  }
  return {
    rows: [...rows.values()],
    damaged: Math.max(announced, next + unread) - rows.size,
  }
}

interface Line {
  readonly number: number
  readonly end: number
  readonly row: AuditRow
}

/** What a line says; undefined where it is not as it was written. */
function readLine(text: string): Line | undefined {
  const [, sum, number, end, json = ''] = /^(\w+ \d+) (\d+) (\d+) (.*)$/s.exec(text) ?? []
  if (sum !== head(`${number} ${end} ${json}`)) return undefined
  const row: WrittenRow = JSON.parse(json)
  return { number: Number(number), end: Number(end), row: rowOf(row) }
}

const rowOf = (row: WrittenRow): AuditRow => ({
  ...row,
  createdAt: new Date(row.createdAt),
  personalSalt: Buffer.from(row.personalSalt, 'base64'),
  personalCommitment: Buffer.from(row.personalCommitment, 'base64'),
  mac: Buffer.from(row.mac, 'base64'),
})

type Bytes = 'personalSalt' | 'personalCommitment' | 'mac'

type WrittenRow = Omit<AuditRow, 'createdAt' | Bytes> & {
  readonly createdAt: number
} & Readonly<Record<Bytes, string>>

const head = (body: string): string =>
  `${crc32(body).toString(16).padStart(8, '0')} ${Buffer.byteLength(body)}`

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
