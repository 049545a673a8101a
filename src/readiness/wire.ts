/**
 * Bytes over a connection of their own, as they are: `fetch` would tidy what a check wants to send,
 * follow what it wants to see, and hide what came twice. Everything that is read has a bound.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Milliseconds from dialling to the end of an answer. */
const patience = 5000

/** Bytes of an answer that are read at most: a scrape of many series is the largest. */
const mostBytes = 8 * 1024 * 1024

/** Whose certificates are believed. */
export interface Trust {
  /** Whether the certificate must be one that is trusted. */
  readonly verify: boolean
  /** PEM: the authority to trust. @default those that this machine trusts */
  readonly ca?: string | undefined
}

/** How bytes are sent. */
export interface WireOptions extends Trust {
  /** Whether what has come is all that is waited for. */
  readonly isComplete: (received: string) => boolean
}

/** No connection came about, or it broke before anything was answered. The message has no address. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** Opens a connection to an origin: TLS where its scheme is https. */
export function dial(url: URL, { verify, ca }: Trust): Socket {
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = Number(url.port || (secure ? 443 : 80))
  if (!secure) return connectPlain({ host, port })
  const name = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({
    host,
    port,
    rejectUnauthorized: verify,
    ...name,
    ...(ca !== undefined && { ca }),
  })
}

/**
 * Sends bytes and reads what comes, as Latin-1, until it is complete, the far end closes, or the time
 * or the bound is reached.
 *
 * @throws {WireError} where no connection came about
 */
export function exchange(
  url: URL,
  bytes: Uint8Array,
  { isComplete, ...trust }: WireOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dial(url, trust)
    let received = ''
    let connected = false
    const end = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(received)
    }
    const timer = setTimeout(() => {
      if (connected) return end()
      socket.destroy()
      reject(new WireError('no connection within 5 s'))
    }, patience)
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      connected = true
      socket.write(bytes)
    })
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      if (received.length > mostBytes || isComplete(received)) end()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Who closes before everything is read resets the rest: what was answered counts.
      if (connected) return
      clearTimeout(timer)
      reject(new WireError(`no connection: ${error.code ?? error.name}`))
    })
    socket.on('close', () => {
      if (connected) end()
    })
  })
}
