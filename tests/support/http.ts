/** Requests that a browser's `fetch` would not send: any Host, a length that is not kept, no redirect. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request to a service on this machine. */
export interface PlainRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An answer, read. */
export interface PlainAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Longest wait for an answer, in milliseconds. */
const patience = 15_000

/** Sends a request to a port of this machine, over a connection of its own. */
export function send(
  port: number,
  { method, path, headers = {}, body }: PlainRequest,
): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method: method.toUpperCase(), path, agent: false }
    // Said here, since the client of Bun's node:http says no length for the body of a DELETE.
    const length = body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }
    const fields = { host: 'localhost', ...length, ...headers }
    const asked = request({ ...options, headers: fields }, (answer) => {
      text(answer).then((body) => {
        asked.destroy()
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body })
      }, reject)
    })
    asked.setTimeout(patience, () => asked.destroy(new Error('There was no answer in time')))
    asked.on('error', reject)
    // A body that is announced and never sent: the answer comes before its end.
    if (headers['content-length'] !== undefined && body === undefined) asked.flushHeaders()
    else asked.end(body)
  })
}

/**
 * Sends bytes as they are, which no client library would.
 *
 * @param limit milliseconds
 * @param afterwards what is sent on the same connection once something was answered
 * @returns what came until the service closed the connection; undefined where it never did
 */
export function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  limit = patience,
  afterwards?: string,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = ''
    let rest = afterwards
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => {
      resolve(undefined)
      socket.destroy()
    }, limit)
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (rest === undefined) return
      socket.write(rest)
      rest = undefined
    })
    // A service that closes before it has read everything resets what is left.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })
}
