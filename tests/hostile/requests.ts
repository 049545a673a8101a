/** Building blocks of raw requests. The connection ends with the answer. */
import { canary } from './hostile.ts'

/** Fields that a request needs, and one that must not come back. */
export const fields = `Host: localhost\r\nConnection: close\r\nX-Canary: ${canary}\r\n`

/** A GET of a target, with more fields: each ends with its line break. */
export const get = (target: string, more = ''): string =>
  `GET ${target} HTTP/1.1\r\n${fields}${more}\r\n`

/** A POST of just these fields and this text. */
export const post = (target: string, more: string, rest: string): string =>
  `POST ${target} HTTP/1.1\r\n${fields}${more}\r\n${rest}`

/** A POST of JSON with its right length. */
export function json(body: string | Uint8Array, more = '', target = '/api/auth/login'): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const head = `Content-Type: application/json\r\nContent-Length: ${bytes.byteLength}\r\n${more}`
  return Buffer.concat([Buffer.from(post(target, head, ''), 'latin1'), bytes])
}

/** A POST of JSON to the login with a framing of one's own. */
export const framed = (more: string, rest: string): string =>
  post('/api/auth/login', `Content-Type: application/json\r\n${more}`, rest)

/** The field that announces chunks. */
export const chunked = 'Transfer-Encoding: chunked\r\n'

/** A login that is well-formed and wrong: what is wrong with a request is then its wrapping. */
export const wrongLogin = JSON.stringify({ email: 'nobody@example.com', password: canary })
