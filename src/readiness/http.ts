/** HTTP/1.1 by hand: requests that no library would write, answers as they came. */
import { isIP } from 'node:net'

/** A key as a check sends it: what it says is never shown. */
export interface Credential {
  /** What stands in reports for it. */
  readonly name: string
  readonly secret: string
}

/** A request. */
export interface Asked {
  /** @default GET */
  readonly method?: string
  readonly path: string
  /** In addition to Host and Connection; a `host` here wins. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Goes as a bearer. */
  readonly credential?: Credential
}

/** An answer as it came. */
export interface Answer {
  /** What was asked, for a report: without credentials. */
  readonly sent: string
  readonly status: number
  /** By lower-case name: every line of it. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
  /** Bytes that came after its end. */
  readonly behind: number
}

/** The value of a header, several lines joined as RFC 9110 §5.3 does; undefined where there is none. */
export const field = ({ headers }: Answer, name: string): string | undefined =>
  headers.get(name)?.join(', ')

/** The bytes of a request, whose connection is to be closed after it. */
export function bytesOf(
  { method = 'GET', path, headers = {}, body, credential }: Asked,
  host: string,
): Uint8Array {
  const content = typeof body === 'string' ? Buffer.from(body) : body
  const fields: Record<string, string> = {
    host,
    connection: 'close',
    'user-agent': 'caly-readiness',
    ...(credential && { authorization: `Bearer ${credential.secret}` }),
    ...(content && { 'content-length': String(content.byteLength) }),
    ...headers,
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return content === undefined ? head : Buffer.concat([head, content])
}

/** Characters of a request or an answer that a report shows. */
const shownLength = 160

/** A text on one line, without control characters, shortened. */
export function shown(text: string, length = shownLength): string {
  const visible = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '·')
  return visible.length > length ? `${visible.slice(0, length)}…` : visible
}

/** A request for a report. */
export function sentText({ method = 'GET', path, headers = {}, body, credential }: Asked): string {
  const parts = [`${method} ${path}`]
  if (credential) parts.push(`with ${credential.name}`)
  for (const [name, value] of Object.entries(headers)) parts.push(`${name}: ${shown(value, 80)}`)
  if (body !== undefined)
    parts.push(
      `body ${shown(typeof body === 'string' ? body : Buffer.from(body).toString('latin1'))}`,
    )
  return shown(parts.join('; '), 400)
}

/** Whether a host is an address, which no certificate names. */
export const isAddress = (url: URL): boolean => isIP(url.hostname.replace(/^\[(.*)\]$/, '$1')) !== 0

/**
 * Takes the answer apart that came over a connection; undefined where there is none yet.
 *
 * @param method of the request: the answer to a HEAD has no body
 * @param closed whether nothing more comes: then a body without a length has ended
 */
export function answerIn(
  text: string,
  method: string,
  closed: boolean,
): Omit<Answer, 'sent'> | undefined {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1] ?? 0)
  if (end < 0 || status === 0) return undefined
  const rest = text.slice(end + 4)
  // An interim answer (RFC 9110 §15.2) is followed by the one that counts.
  if (status < 200) return answerIn(rest, method, closed)
  const headers = fieldsOf(lines)
  const bare = method === 'HEAD' || status === 204 || status === 304
  const body = bare ? { body: '', length: 0 } : bodyOf(rest, headers, closed)
  if (body === undefined) return undefined
  return {
    ...{ status, headers, body: Buffer.from(body.body, 'latin1').toString() },
    behind: rest.length - body.length,
  }
}

function fieldsOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const known = headers.get(name) ?? []
    headers.set(name, known)
    known.push(line.slice(colon + 1).trim())
  }
  return headers
}

function bodyOf(
  rest: string,
  headers: ReadonlyMap<string, readonly string[]>,
  closed: boolean,
): { readonly body: string; readonly length: number } | undefined {
  if (headers.get('transfer-encoding')?.at(-1)?.toLowerCase() === 'chunked')
    return unchunked(rest) ?? (closed ? { body: rest, length: rest.length } : undefined)
  const length = Number(headers.get('content-length')?.[0] ?? Number.NaN)
  if (Number.isNaN(length) || (closed && rest.length < length))
    return closed ? { body: rest, length: rest.length } : undefined
  return rest.length < length ? undefined : { body: rest.slice(0, length), length }
}

function unchunked(text: string): { readonly body: string; readonly length: number } | undefined {
  let body = ''
  for (let at = 0; ; ) {
    const line = text.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(text.slice(at, line), 16)
    const start = line + 2
    if (Number.isNaN(size) || text.length < start + size + 2) return undefined
    if (size === 0) return { body, length: start + 2 }
    body += text.slice(start, start + size)
    at = start + size + 2
  }
}
