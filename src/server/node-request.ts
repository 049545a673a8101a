import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Makes the Web's request of Node's, with the members that Elysia and hooks use of one. Not by `new
 * Request`, which resolves `..` in the target and refuses methods with an exception: what was sent
 * is to be judged as it was sent.
 *
 * @param scheme that of the connection: what the target claims is not believed
 */
export const requestOf = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  scheme: 'http' | 'https',
): Request =>
  // The members that are missing (cache, credentials, …) speak of requests that a program sends.
  new NodeRequest(incoming, outgoing, scheme) as unknown as Request

class NodeRequest implements Partial<Request> {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  #leaving: AbortController | undefined
  #content: Response | undefined

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, scheme: 'http' | 'https') {
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.method = incoming.method ?? ''
    this.headers = headersOf(incoming.rawHeaders)
    this.url = urlOf(incoming.url ?? '', this.headers.get('host'), scheme)
  }

  /** Aborts when the client leaves before the whole answer is sent. */
  get signal(): AbortSignal {
    if (this.#leaving === undefined) {
      const leaving = new AbortController()
      this.#leaving = leaving
      const outgoing = this.#outgoing
      const incoming = this.#incoming
      const leave = () => {
        if (!outgoing.writableFinished) leaving.abort()
      }
      if (outgoing.destroyed) leave()
      outgoing.once('close', leave)
      // It closes first, and whoever reads the body hears of it: the reason is to be known by then.
      incoming.once('close', () => {
        if (!incoming.complete) leave()
      })
    }
    return this.#leaving.signal
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const hasBody = this.headers.has('content-length') || this.headers.has('transfer-encoding')
    return hasBody ? this.#carrier().body : null
  }

  get bodyUsed(): boolean {
    return this.#content?.bodyUsed ?? false
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#carrier().arrayBuffer()
  }

  bytes(): Promise<Uint8Array> {
    return this.#carrier().bytes()
  }

  text(): Promise<string> {
    return this.#carrier().text()
  }

  json(): Promise<unknown> {
    return this.#carrier().json()
  }

  formData() {
    return this.#carrier().formData()
  }

  /** The body as something that the runtime knows how to read. */
  #carrier(): Response {
    if (this.#content === undefined) {
      const type = this.headers.get('content-type')
      this.#content = new Response(bodyOf(this.#incoming), {
        headers: type === null ? {} : { 'content-type': type },
      })
    }
    return this.#content
  }
}

/**
 * The body as it comes, no faster than it is read. Whoever stops reading leaves the connection as it
 * is: `Readable.toWeb` would close it, and the answer with it.
 */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  let leave = () => {}
  return new ReadableStream({
    start(controller) {
      const take = (chunk: Uint8Array<ArrayBuffer>) => {
        controller.enqueue(chunk)
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause()
      }
      const end = () => {
        leave()
        controller.close()
      }
      const fail = () => {
        leave()
        controller.error(new Error('The client closed the connection'))
      }
      leave = () => {
        incoming.off('data', take).off('end', end).off('close', fail)
      }
      // Whoever asks late, after a limit's answer from afar, would wait for what has happened.
      if (incoming.destroyed && !incoming.readableEnded) return fail()
      incoming.on('data', take).once('end', end).once('close', fail)
    },
    pull() {
      incoming.resume()
    },
    cancel() {
      leave()
    },
  })
}

/** All lines, also those that Node would drop as duplicates: whoever sends two is to be seen. */
function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let index = 0; index + 1 < raw.length; index += 2)
    headers.append(raw[index] ?? '', raw[index + 1] ?? '')
  return headers
}

/**
 * The URL of a target (RFC 9112 §3.2), or the bare target where it is none of this connection's:
 * `*`, another scheme, a path without a host.
 */
function urlOf(target: string, host: string | null, scheme: string): string {
  if (target.startsWith('/'))
    return host === null || host === '' ? target : `${scheme}://${host}${target}`
  const [, given = '', rest = ''] = /^(https?):\/\/(.*)$/is.exec(target) ?? []
  if (given.toLowerCase() !== scheme) return target.replace(/^https?:/i, 'other:')
  return /^[^/?#]+\//.test(rest)
    ? `${scheme}://${rest}`
    : `${scheme}://${rest.replace(/(?=[?#]|$)/, '/')}`
}
