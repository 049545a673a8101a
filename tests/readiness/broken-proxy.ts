/** A reverse proxy that gets one thing wrong: each is a mistake that proxies are made with. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { connect, createServer as createTlsServer } from 'node:tls'

/** What a proxy does to what passes, all of it Latin-1. */
export interface Breakage {
  /** To the first bytes of a connection; what it answers itself never reaches the service. */
  readonly request?: (bytes: string) => string | { readonly answer: string }
  /** To all that the service sent back over a connection. */
  readonly answer?: (bytes: string, request: string) => string
  /** Milliseconds by which it comes late. @default 0 */
  readonly delay?: (request: string) => number
}

/** A running proxy. */
export interface BrokenProxy {
  readonly url: URL
  close(): Promise<void>
}

/** How a proxy is reached. */
export interface FrontOptions {
  /** PEM texts of its certificate. @default it speaks plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** Starts a proxy in front of a service that speaks TLS. */
export async function brokenProxy(
  service: URL,
  { request = (bytes) => bytes, answer = (bytes) => bytes, delay = () => 0 }: Breakage,
  { tls }: FrontOptions = {},
): Promise<BrokenProxy> {
  const accept = (client: Socket) => {
    client.on('error', () => undefined)
    client.once('data', (first: Buffer) => {
      const asked = first.toString('latin1')
      const passed = request(asked)
      if (typeof passed !== 'string') return void client.end(passed.answer, 'latin1')
      let come = ''
      const upstream = connect({
        ...{ host: service.hostname, port: Number(service.port) },
        ...{ servername: 'localhost', rejectUnauthorized: false },
      })
      upstream.write(passed, 'latin1')
      client.on('data', (chunk) => upstream.write(chunk))
      client.on('close', () => upstream.destroy())
      upstream.on('data', (chunk: Buffer) => {
        come += chunk.toString('latin1')
      })
      upstream.on('error', () => undefined)
      upstream.on('close', () => {
        setTimeout(() => client.end(answer(come, asked), 'latin1'), delay(asked))
      })
    })
  }
  const server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`${tls === undefined ? 'http' : 'https'}://localhost:${port}`),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A proxy that takes a header of every answer away. */
export const withoutHeader = (name: string): Breakage => ({
  answer: (bytes) => bytes.replace(new RegExp(`^${name}:.*\r\n`, 'gim'), ''),
})

/** A proxy that adds a header to every answer. */
export const withHeader = (name: string, value: string): Breakage => ({
  answer: (bytes) => bytes.replace(/\r\n/, `\r\n${name}: ${value}\r\n`),
})

/** A proxy that says something else in a header of every answer. */
export const changedHeader = (name: string, value: string): Breakage => ({
  answer: (bytes) => bytes.replace(new RegExp(`^(${name}:) .*\r\n`, 'gim'), `$1 ${value}\r\n`),
})

/** An answer of a proxy's own. */
export const ownAnswer = (
  status: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): string => {
  const fields = { 'content-type': 'text/plain', 'content-length': String(body.length), ...headers }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status}\r\n${lines.join('')}connection: close\r\n\r\n${body}`
}

/** A proxy that answers some requests itself. */
export const answering = (concerns: (request: string) => boolean, answer: string): Breakage => ({
  request: (bytes) => (concerns(bytes) ? { answer } : bytes),
})

/** The body of an answer, changed; its length with it, said as a length. */
export const withBody = (bytes: string, change: (body: string) => string): string => {
  const end = bytes.indexOf('\r\n\r\n') + 4
  const [head, rest] = [bytes.slice(0, end), bytes.slice(end)]
  const chunked = /^transfer-encoding: chunked\r\n/im
  const body = change(chunked.test(head) ? unchunked(rest) : rest)
  const bare = head.replace(chunked, '').replace(/^content-length:.*\r\n/im, '')
  return `${bare.slice(0, -2)}content-length: ${body.length}\r\n\r\n${body}`
}

function unchunked(text: string): string {
  const size = Number.parseInt(text, 16)
  const start = text.indexOf('\r\n') + 2
  return size > 0 ? text.slice(start, start + size) + unchunked(text.slice(start + size + 2)) : ''
}
