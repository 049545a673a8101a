/** Answers as Exotel gives them: JSON where the path ends in `.json`, XML otherwise (documented). */

/** What JSON can say. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json }

/** What an answer is: an object at its top. */
export type JsonObject = { readonly [name: string]: Json }

/** How an answer is spelled. */
export type Format = 'json' | 'xml'

/** An answer, before it is sent. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  /** Milliseconds before it is sent. @default none */
  readonly after?: number
  /** Cut the connection in its place. */
  readonly cut?: boolean
}

/** An object such as `{Call: …}`; the root of the XML is `TwilioResponse` (documented). */
export const rest = (format: Format, status: number, value: JsonObject): Reply =>
  format === 'json'
    ? { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
    : {
        status,
        headers: { 'content-type': 'application/xml' },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n${element('TwilioResponse', value, '')}`,
      }

/**
 * An error (documented). What it says is ours: Exotel's texts are not known.
 *
 * @param code only the refusal of too many requests has one (documented, weakly)
 */
export const restException = (
  format: Format,
  status: number,
  message: string,
  code?: string,
): Reply =>
  rest(format, status, {
    RestException: { Status: status, Message: message, ...(code !== undefined && { Code: code }) },
  })

function element(name: string, value: Json, indent: string): string {
  const inner = `${indent} `
  if (value === null || value === '') return `${indent}<${name}/>\n`
  if (typeof value !== 'object') return `${indent}<${name}>${escaped(String(value))}</${name}>\n`
  const content = isList(value)
    ? value.map((item) => element(name.replace(/s$/, ''), unwrapped(item), inner))
    : Object.entries(value).map(([key, field]) => element(key, field, inner))
  return content.length === 0
    ? `${indent}<${name}/>\n`
    : `${indent}<${name}>\n${content.join('')}${indent}</${name}>\n`
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** `{Leg: {…}}` is an element already. */
const unwrapped = (item: Json): Json =>
  typeof item === 'object' && item !== null && !isList(item) && Object.keys(item).join() === 'Leg'
    ? (item['Leg'] ?? null)
    : item

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
