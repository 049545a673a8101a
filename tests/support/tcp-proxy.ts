/** A TCP proxy that breaks in the ways in which networks break. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * `pass` hands everything on. `swallow` keeps connections open and loses every byte, both ways; a
 * connection that lost bytes never works again, as a stream with a hole does not. `refuse` has
 * nobody listening, and ends what is open.
 */
export type ProxyMode = 'pass' | 'swallow' | 'refuse'

/** A running proxy. */
export interface TcpProxy {
  readonly port: number
  /** The same URL by way of the proxy. */
  through(url: string): string
  /** @param latency milliseconds by which everything is delayed, in either direction. @default 0 */
  set(mode: ProxyMode, latency?: number): Promise<void>
  /**
   * Cuts the next connection on which a client sends the text: `before` the far end gets it, or
   * `after` it has answered, so that only the answer is lost. Resolves once that has happened.
   */
  cutAt(moment: 'before' | 'after', text: string): Promise<void>
  /** Open client connections. */
  connections(): number
  /** Ends all open connections at once. */
  drop(): void
  close(): Promise<void>
}

/** Starts a proxy to the host and port of a URL. */
export async function tcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port: targetPort } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  let mode: ProxyMode = 'pass'
  let delay = 0
  let cut: { moment: 'before' | 'after'; text: string; done: () => void } | undefined

  const accept = (client: Socket) => {
    const upstream = connect(Number(targetPort), hostname)
    const pair = [client, upstream] as const
    pairs.add(pair)
    let lost = false
    /** Called instead of handing on the next answer. */
    let answered: (() => void) | undefined
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    const pipe = (from: Socket, to: Socket) => {
      from.on('data', (chunk) => {
        lost ||= mode === 'swallow'
        if (lost) return
        if (from === upstream && answered !== undefined) {
          end()
          return answered()
        }
        if (from === client && cut !== undefined && chunk.includes(cut.text)) {
          const { moment, done } = cut
          cut = undefined
          if (moment === 'before') {
            end()
            return done()
          }
          answered = done
        }
        if (delay === 0) to.write(chunk)
        else setTimeout(() => to.write(chunk), delay)
      })
      from.on('error', end)
      // The far end's good-bye is swallowed like all else.
      from.on('close', () => {
        if (from === client || !(lost || mode === 'swallow')) end()
      })
    }
    pipe(client, upstream)
    pipe(upstream, client)
  }

  let server = await listen(accept, 0)
  const { port } = server.address() as AddressInfo
  const drop = () => {
    for (const [client, upstream] of pairs) {
      client.destroy()
      upstream.destroy()
    }
    pairs.clear()
  }
  return {
    port,
    through(url) {
      const proxied = new URL(url)
      proxied.hostname = '127.0.0.1'
      proxied.port = String(port)
      return proxied.href
    },
    async set(next, latency = 0) {
      const wasRefusing = mode === 'refuse'
      mode = next
      delay = latency
      if (next === 'refuse' && !wasRefusing) {
        drop()
        await shut(server)
      }
      if (next !== 'refuse' && wasRefusing) server = await listen(accept, port)
    },
    cutAt: (moment, text) =>
      new Promise((done) => {
        cut = { moment, text, done }
      }),
    connections: () => pairs.size,
    drop,
    async close() {
      drop()
      if (mode !== 'refuse') await shut(server)
    },
  }
}

function listen(accept: (client: Socket) => void, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(accept)
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

const shut = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()))
