import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers'
import type { Answer, Listener, ServeOptions } from './listener.ts'
import { requestOf } from './node-request.ts'
import { sendResponse } from './node-response.ts'

const limits = {
  /** Milliseconds in which the headers must have come; Bun has 10 to 12 s, and no setting. */
  headersTimeout: 10_000,
  /** How often connections are looked at, in milliseconds: a cut is late by as much. */
  connectionsCheckingInterval: 1000,
  /** Bytes of the first line and the headers together, as on Bun. */
  maxHeaderSize: 16_384,
  requireHostHeader: true,
} as const satisfies ServerOptions

/** Lines of headers, as on Bun. */
const maxHeaders = 198

/** Milliseconds in which the rest of a body may come after the answer. */
const lingerTime = 5000

/** Connections at a time. Those beyond are closed at once, so that they take no more than that. */
const maxConnections = 10_000

/**
 * Listens through `node:http`, as Caly does under Deno: `Deno.serve` waits for ever for headers that
 * do not come, believes the scheme and host of a target, and cannot end the connections of a server
 * that stops.
 *
 * @throws what `listen` of `node:net` reports, with its `code`
 */
export async function openNodeHttp(options: ServeOptions, answer: Answer): Promise<Listener> {
  const scheme = options.tls ? 'https' : 'http'
  const answers = new Set<ServerResponse>()
  const handle: RequestListener = (incoming, outgoing) => {
    // Without a listener Deno ends the process with what a client does to its connection.
    incoming.on('error', () => undefined)
    outgoing.on('error', () => undefined)
    const lines = incoming.rawHeaders.length / 2
    const refusal = refusalOf(incoming.httpVersion, lines, incoming.headers['transfer-encoding'])
    if (refusal !== undefined) {
      outgoing.writeHead(refusal, { connection: 'close' }).end()
      return
    }
    outgoing.once('finish', () => drop(incoming))
    const request = requestOf(incoming, outgoing, scheme)
    const peer = incoming.socket.remoteAddress
    answers.add(outgoing)
    const sent = () => answers.delete(outgoing)
    outgoing.once('finish', sent).once('close', sent)
    void (async () => sendResponse(outgoing, await answer(request, peer)))().catch(() =>
      outgoing.writeHead(500, { connection: 'close' }).end(),
    )
  }
  const settings = {
    ...limits,
    // Node refuses headers that may take longer than the whole.
    headersTimeout: Math.min(limits.headersTimeout, options.idleTimeout),
    requestTimeout: options.idleTimeout,
  }
  const server = options.tls
    ? createSecureServer(
        { ...settings, handshakeTimeout: limits.headersTimeout, ...options.tls },
        handle,
      )
    : createServer(settings, handle)
  server.maxConnections = maxConnections
  // Node would drop those beyond in silence; they are bounded by their size.
  server.maxHeadersCount = 0
  server.timeout = options.idleTimeout
  server.keepAliveTimeout = options.idleTimeout
  server.on('connect', (_, socket: Duplex) => {
    socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  // An expectation that nobody knows is no reason to refuse (RFC 9110 §10.1.1 leaves it open).
  server.on('checkExpectation', handle)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    // Deno does not always tell of the end of a connection: then its answer has no socket any more.
    unsent: () => Array.from(answers).filter(({ socket }) => socket?.destroyed === false).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
    cut: async () => server.closeAllConnections(),
  }
}

/**
 * Reads what is left of a body that nobody wants, so that the connection is good for another
 * request; for a while, since Node no longer counts the time of a request that is answered.
 */
function drop(incoming: IncomingMessage): void {
  incoming.resume()
  if (incoming.complete) return
  const timer = setTimeout(() => incoming.socket.destroy(), lingerTime).unref()
  incoming.once('close', () => clearTimeout(timer))
}

/** The status of a request that Node takes and Bun does not; undefined where it is a good one. */
function refusalOf(version: string, lines: number, coding: string | undefined): number | undefined {
  if (version !== '1.1' && version !== '1.0') return 400
  if (lines > maxHeaders) return 431
  // Where the body ends would be a guess (RFC 9112 §6.1).
  if (coding !== undefined && (version === '1.0' || coding.toLowerCase() !== 'chunked')) return 400
  return undefined
}
