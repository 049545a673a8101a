/**
 * One HTTP request over a connection of its own, which tells what a failure left behind.
 *
 * Not `fetch`: it keeps connections, and where a kept one breaks before the answer it may send the
 * request again (Deno 2.9 does, a POST too). To place a call twice must be impossible, so that every
 * request here has a connection that nothing was sent over before, and a failure says whether it was
 * ever open.
 */
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'

/** What is asked. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** http or https, without credentials. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
  /** Milliseconds until the connection must stand, TLS included. @default 5000 */
  readonly connectTimeout?: number
  /** Milliseconds from then on until the head of the answer must be there. @default 20000 */
  readonly answerTimeout?: number
}

/** The head of an answer, and its body as it comes. */
export interface HttpAnswer {
  readonly status: number
  /** The values of a header that came once; names in lower case. */
  header(name: string): string | undefined
  readonly body: http.IncomingMessage
  /** Whether the body that ended was whole: one without a length ends so too where the signal cuts it. */
  isWhole(): boolean
}

/** No answer. Says nothing about the address: it may hold a secret. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure'
  readonly kind: 'unreachable' | 'timeout' | 'reset' | 'aborted'
  /** False: nothing was sent, so that nothing can have happened. */
  readonly opened: boolean

  constructor(kind: HttpFailure['kind'], opened: boolean, options?: ErrorOptions) {
    super(`The request got no answer (${kind})`, options)
    this.kind = kind
    this.opened = opened
  }
}

/**
 * Sends a request and waits for the head of its answer. Follows no redirect.
 *
 * @throws {HttpFailure} if there is none
 */
export function send(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, signal } = request
  const { connectTimeout = 5000, answerTimeout = 20_000 } = request
  const secure = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    let opened = false
    let late = false
    const expire = () => {
      late = true
      sent.destroy()
    }
    let timer = setTimeout(expire, connectTimeout)
    const sent = (secure ? https : http).request(url, {
      method,
      // A new connection, closed after the answer.
      agent: false,
      headers: {
        ...headers,
        connection: 'close',
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      },
      signal,
    })
    sent.once('socket', (socket: Socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        opened = true
        clearTimeout(timer)
        timer = setTimeout(expire, answerTimeout)
      })
    })
    sent.once('response', (answer) => {
      clearTimeout(timer)
      // Whoever reads the body hears of what breaks then.
      answer.once('error', () => {})
      resolve({
        status: answer.statusCode ?? 0,
        header(name) {
          const value = answer.headers[name]
          return typeof value === 'string' ? value : undefined
        },
        body: answer,
        isWhole: () => answer.complete && !signal.aborted,
      })
    })
    const fail = (cause?: Error) => {
      clearTimeout(timer)
      const kind = signal.aborted ? 'aborted' : late ? 'timeout' : opened ? 'reset' : 'unreachable'
      reject(new HttpFailure(kind, opened, { cause }))
    }
    sent.once('error', fail)
    // After a 101 there is neither an answer nor an error; and nobody asked for another protocol.
    sent.once('upgrade', (_, socket) => {
      socket.destroy()
      fail()
    })
    // However else it may end, whoever waits hears of it. After an answer this does nothing.
    sent.once('close', fail)
    sent.end(body)
  })
}

/**
 * Reads a body to its end, as text.
 *
 * @param limit bytes: more is an answer of nobody that we know
 * @param timeout milliseconds
 * @throws {HttpFailure} if it breaks off, takes too long or is too long
 */
export async function readText(
  { body, isWhole }: HttpAnswer,
  { limit, timeout }: { readonly limit: number; readonly timeout: number },
): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  let late = false
  const timer = setTimeout(() => {
    late = true
    body.destroy()
  }, timeout)
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength
      if (size > limit) throw new Error('The answer is too long')
      chunks.push(chunk)
    }
    // Bun 1.4 ends a body without a length as if it were whole where we destroy it.
    if (late || !isWhole()) throw new Error('The answer is cut off')
    return Buffer.concat(chunks).toString('utf8')
  } catch (cause) {
    throw new HttpFailure(late ? 'timeout' : 'reset', true, { cause })
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
}
