/** How messages are spelled: JSON, multipart, or the query of a GET. */
import { randomBytes } from 'node:crypto'
import type { SimulatedCall } from './call.ts'

/** One value. A form has texts only, and an empty one for null (seen in code). */
export type Value = string | number | null

/** The fields of a message, in their order; legs are lists of fields. */
export type Fields = Readonly<Record<string, Value | readonly Readonly<Record<string, Value>>[]>>

/** A message about a call, before anything goes wrong with it. */
export interface Message {
  readonly call: SimulatedCall
  /** Tells it from the call's other messages. */
  readonly name: string
  readonly url: string
  readonly spelling: 'json' | 'multipart' | 'query'
  readonly fields: Fields
}

/** A message as it goes out. */
export interface Spelled {
  readonly method: 'GET' | 'POST'
  readonly contentType: string | undefined
  /** Of a GET, the query. */
  readonly text: string
}

export function spell({ spelling, fields }: Pick<Message, 'spelling' | 'fields'>): Spelled {
  if (spelling === 'json')
    return { method: 'POST', contentType: 'application/json', text: JSON.stringify(fields) }
  if (spelling === 'query')
    return { method: 'GET', contentType: undefined, text: queryOf(pairs(fields)) }
  const boundary = `------------------------${randomBytes(8).toString('hex')}`
  return {
    method: 'POST',
    contentType: `multipart/form-data; boundary=${boundary}`,
    text: multipart(pairs(fields), boundary),
  }
}

type Pair = readonly [name: string, value: string]

const pairs = (fields: Fields): readonly Pair[] =>
  Object.entries(fields).flatMap(([name, value]): Pair[] =>
    typeof value === 'object' && value !== null
      ? value.flatMap((leg, index) =>
          Object.entries(leg).map(
            ([key, inner]): Pair => [`${name}[${index}][${key}]`, text(inner)],
          ),
        )
      : [[name, text(value)]],
  )

const text = (value: Value): string => (value === null ? '' : String(value))

/** Spaces are `%20`, and brackets are encoded (seen in code). */
const queryOf = (fields: readonly Pair[]): string =>
  fields.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')

const multipart = (fields: readonly Pair[], boundary: string): string =>
  [
    ...fields.map(
      ([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    ),
    `--${boundary}--\r\n`,
  ].join('')
