/** The HTTP server around the answers: bounds what comes, sends late, and cuts where it is told to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Pauses } from './pauses.ts'
import type { Reply } from './reply.ts'

/** A request, read. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
  readonly contentType: string
  /** Undefined where it was longer than is taken. */
  readonly body: Uint8Array | undefined
}

/** An open port. */
export interface HttpServer {
  readonly port: number
  /** Ends the connections, too. */
  close(): Promise<void>
}

/** Bytes of a body. Twenty times what the longest request needs. */
const bodyLimit = 65_536
/** Milliseconds in which a request must have come. */
const requestTimeout = 30_000

/** @throws what `listen` of `node:net` reports, with its `code` */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  pauses: Pauses,
  answer: (asked: Asked) => Promise<Reply>,
): Promise<HttpServer> {
  const server = createServer(
    { requestTimeout, headersTimeout: requestTimeout },
    (incoming, outgoing) => {
      // What a client does to its connection is no error of this program.
      incoming.on('error', () => undefined)
      outgoing.on('error', () => undefined)
      void respond(incoming, outgoing).catch(() => outgoing.destroy())
    },
  )

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [path = '', query] = (incoming.url ?? '').split('?', 2)
    const reply = await answer({
      method: incoming.method ?? '',
      path,
      query: new URLSearchParams(query),
      authorization: incoming.headers.authorization,
      contentType: incoming.headers['content-type'] ?? '',
      body: await read(incoming),
    })
    await pauses.wait(reply.after ?? 0)
    // The connection itself: the client gets not a byte, and cannot tell what became of its request.
    if (reply.cut === true) return void incoming.socket.destroy()
    const { byteLength } = Buffer.from(reply.body)
    outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': byteLength })
    outgoing.end(reply.body)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Reads on beyond the limit, but keeps nothing of it: the answer is heard after the whole request. */
async function read(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of incoming) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.byteLength
    if (length <= bodyLimit) chunks.push(chunk)
    // Who sends without an end is cut off.
    if (length > 100 * bodyLimit) incoming.destroy()
  }
  return length > bodyLimit ? undefined : Buffer.concat(chunks)
}
