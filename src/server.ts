/**
 * The only file that knows the runtime. Bun and Deno each have a server of their own; everything
 * else is Web standards and `node:` modules that both have.
 */
import { write as writeFile } from 'node:fs'
import type { Keeping } from './hooks/keeping.ts'
import type { Answer, Listener, ServeOptions } from './server/listener.ts'
import { openNodeHttp } from './server/node-http.ts'

export type { ServeOptions } from './server/listener.ts'

/** A server that listens. */
export interface Server {
  readonly port: number
  readonly url: URL
  /** From now on each answer asks its client to close the connection. */
  drain(): void
  /**
   * Takes no more connections, waits until what was asked for is done and its answers are sent to
   * their end, then cuts what is left.
   *
   * @param timeout milliseconds
   * @returns how many requests were cut, at least
   */
  stop(timeout: number): Promise<number>
}

/** The listener could not be opened; the message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

const peerOf = Symbol('caly.server.peer')

type Arrived = Keeping<typeof peerOf, string>

/** The address at the other end of the request's socket. */
export const peerAddress = (request: Arrived): string | undefined => request[peerOf]

/** The parts of Deno's API that are used here. */
interface DenoRuntime {
  readonly stdout: { write(bytes: Uint8Array): Promise<number> }
}

/** Which runtime this is, for telemetry and messages: `bun` or `deno`. */
export const runtime: 'bun' | 'deno' = typeof Bun === 'undefined' ? 'deno' : 'bun'

/**
 * Listens.
 *
 * @throws {ListenError} if the port is taken, may not be used, or the certificate is not usable
 */
export async function serve(options: ServeOptions): Promise<Server> {
  let working = 0
  let draining = false

  const answer = (request: Arrived, peer: string | undefined): Response | Promise<Response> => {
    if (peer !== undefined) request[peerOf] = peer
    const response = options.fetch(request)
    if (!(response instanceof Promise)) return closing(response)
    working++
    return response.then(
      (settled) => {
        working--
        return closing(settled)
      },
      (cause: unknown) => {
        working--
        throw cause
      },
    )
  }
  // Without the hint a client sends its next request into a connection that is being closed.
  const closing = (response: Response): Response => {
    if (draining) response.headers.set('connection', 'close')
    return response
  }

  const listener = await open(options, answer)
  // The listener does not count a request whose client has left; its work still goes on.
  const inFlight = () => Math.max(working, listener.unsent())
  const scheme = options.tls ? 'https' : 'http'
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    port: listener.port,
    url: new URL(`${scheme}://${host}:${listener.port}`),
    drain() {
      draining = true
    },
    async stop(timeout) {
      draining = true
      const finished = listener.close()
      const deadline = performance.now() + timeout
      while (inFlight() > 0 && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10))
      // The end of the last answer may still be on its way out when nothing is in flight any more.
      await Promise.race([
        finished,
        new Promise((resolve) => setTimeout(resolve, Math.min(250, timeout))),
      ])
      const cut = inFlight()
      await listener.cut()
      return cut
    },
  }
}

async function open(options: ServeOptions, answer: Answer): Promise<Listener> {
  try {
    return runtime === 'bun' ? openBun(options, answer) : await openNodeHttp(options, answer)
  } catch (cause) {
    throw new ListenError(explain(cause, options), { cause })
  }
}

/** Longest idle time that Bun takes, in seconds. */
const maxIdleSeconds = 255

function openBun(options: ServeOptions, answer: Answer): Listener {
  const server = Bun.serve({
    hostname: options.host,
    port: options.port,
    maxRequestBodySize: options.maxBodySize,
    idleTimeout: Math.min(maxIdleSeconds, Math.ceil(options.idleTimeout / 1000)),
    ...(options.tls && { tls: options.tls }),
    fetch: (request, server) => answer(request, server.requestIP(request)?.address),
    error: () => new Response(null, { status: 500 }),
  })
  return {
    port: server.port ?? options.port,
    unsent: () => server.pendingRequests,
    close: () => server.stop(false),
    cut: () => server.stop(true),
  }
}

function explain(cause: unknown, { host, port }: ServeOptions): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: stop the other program, or choose another with PORT`
  if (code === 'EACCES') return `Port ${port} needs more rights: choose one above 1023 with PORT`
  if (code === 'EADDRNOTAVAIL') return `${host} is not an address of this machine: check HOST`
  return `Cannot listen on ${host}:${port}: check HOST, PORT, TLS_CERT and TLS_KEY`
}

const deno = () => (globalThis as typeof globalThis & { readonly Deno: DenoRuntime }).Deno

/**
 * Writes to the standard output without ever blocking the event loop, also where it is a pipe that
 * nobody reads: `process.stdout` and `fs.write` stop the whole of Deno then.
 *
 * @returns how many bytes were taken
 */
export function writeStandardOutput(bytes: Uint8Array): Promise<number> {
  if (runtime === 'deno') return deno().stdout.write(bytes)
  return new Promise((resolve, reject) => {
    writeFile(standardOutput, bytes, 0, bytes.byteLength, null, (error, written) => {
      if (error) reject(error)
      else resolve(written)
    })
  })
}

const standardOutput = 1
