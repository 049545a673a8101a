/** A host that nothing should ever connect to, on every address of this machine. */
import { createServer, type Server } from 'node:net'

/** What stands for the inside of a network, or for an attacker's own host. */
export interface Canary {
  readonly port: number
  /** Connections that came, whoever they were from. */
  hits(): number
  close(): Promise<void>
}

/** Listens on all addresses, IPv4 and IPv6, and closes what comes once it has counted it. */
export async function startCanary(): Promise<Canary> {
  let hits = 0
  const server: Server = createServer((socket) => {
    hits += 1
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 6\r\n\r\ninside')
  })
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    hits: () => hits,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
