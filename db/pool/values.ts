/**
 * How values travel: everything goes out as text whose type the server decides, and comes back as
 * `pg` would give it, with times as text, which is what drizzle's node-postgres driver expects.
 */
import type { PostgresType } from 'postgres'
import { type ArrayElements, readArray, writeArray } from './arrays.ts'

/**
 * A parameter in the text format. postgres.js would guess types by the value, and change what it
 * guesses: JSON text would be encoded twice, `'true'` in a boolean column would become false.
 */
export function toWire(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value
    case 'undefined':
      return null
    case 'object':
      return objectToWire(value)
    default:
      return String(value)
  }
}

function objectToWire(value: object | null): string | null {
  if (value === null) return null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return bytesToWire(value)
  if (Array.isArray(value)) return writeArray(value.map(arrayElement))
  return JSON.stringify(value)
}

const bytesToWire = (bytes: Uint8Array): string =>
  `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`

const arrayElement = (value: unknown): ArrayElements[number] =>
  Array.isArray(value) ? value.map(arrayElement) : toWire(value)

const asIs = (value: unknown) => value
const type = (from: number[], parse: (text: string) => unknown): PostgresType => ({
  to: from[0] ?? 0,
  from,
  serialize: asIs,
  parse,
})

/** By the oids of pg_type.dat. */
export const wireTypes: Record<string, PostgresType> = {
  boolean: type([16], (text) => text === 't'),
  bytea: type([17], (text) => Buffer.from(text.slice(2), 'hex')),
  number: type([21, 23, 26, 700, 701], Number),
  json: type([114, 3802], (text) => JSON.parse(text)),
  /** date, time, timestamp, timestamptz */
  time: type([1082, 1083, 1114, 1184], String),
  /** Arrays of text, varchar, uuid and int8; then of int4 and int2. */
  texts: type([1009, 1015, 2951, 1016], (text) => readArray(text, String)),
  numbers: type([1007, 1005], (text) => readArray(text, Number)),
}
