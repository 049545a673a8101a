/** A record of the OSV schema (https://ossf.github.io/osv-schema/), as far as a scan reads it. */
import { type } from 'arktype'
import { compiledWhenHot } from '../../../compiled-when-hot.ts'
import { isId } from '../text.ts'

// Databases written in Go send null for an empty list.
const severity = type({ type: 'string', score: 'string' }).array().or('null')

const event = type({
  'introduced?': 'string',
  'fixed?': 'string',
  'last_affected?': 'string',
  'limit?': 'string',
})

const affected = type({
  'package?': type({ ecosystem: 'string', name: 'string' }).or('null'),
  'ranges?': type({ type: 'string', 'events?': event.array().or('null') })
    .array()
    .or('null'),
  'versions?': 'string[] | null',
  'severity?': severity,
  'database_specific?': type({ 'last_known_affected_version_range?': 'unknown' }).or('null'),
})

const record = type({
  id: 'string',
  'withdrawn?': 'string | null',
  'aliases?': 'string[] | null',
  'summary?': 'string | null',
  'severity?': severity,
  'affected?': affected.array().or('null'),
  'database_specific?': type({ 'severity?': 'unknown' }).or('null'),
})

// An archive has a hundred thousand of them.
const readRecord = compiledWhenHot(record)

/** A record. */
export type OsvRecord = typeof record.infer

/** What a record says of one package. */
export type OsvAffected = typeof affected.infer

/** Reads a record; undefined for what is none. */
export function osvRecord(value: unknown): OsvRecord | undefined {
  const read = readRecord(value)
  return read instanceof type.errors || !isId(read.id) ? undefined : read
}
