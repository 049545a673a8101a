/**
 * A client that keeps its connection open and sends nothing twice: `fetch` may try again by itself, and
 * would hide a request that was lost.
 */

/** What became of a request. */
export type Outcome =
  | { readonly outcome: 'answered'; readonly status: number }
  /** Nobody listened: it was not sent. */
  | { readonly outcome: 'refused' }
  /** It was sent over a connection that was ended before it had carried anything. */
  | { readonly outcome: 'unaccepted' }
  /** It was sent over one in use, which ended without a whole answer. */
  | { readonly outcome: 'lost' }

interface Waiting {
  /** Whether anything was ever answered over it. */
  used: boolean
  text: string
  done: ((outcome: Outcome) => void) | undefined
}

type Socket = Bun.Socket<Waiting>

/** Asks over one connection a place, one request at a time. */
export function keepAliveClient(headers: Readonly<Record<string, string>> = {}) {
  const sockets = new Map<string, Socket>()
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)

  const connect = ({ hostname, port, host }: URL) =>
    Bun.connect<Waiting>({
      hostname,
      port: Number(port),
      data: { used: false, text: '', done: undefined },
      socket: {
        data(socket, chunk) {
          socket.data.text += chunk.toString('latin1')
          const answer = wholeAnswer(socket.data.text)
          if (answer === undefined) return
          if (answer.closes) sockets.delete(host)
          socket.data.used = true
          settle(socket, { outcome: 'answered', status: answer.status })
        },
        close(socket) {
          if (sockets.get(host) === socket) sockets.delete(host)
          const { used, text } = socket.data
          settle(socket, { outcome: used || text !== '' ? 'lost' : 'unaccepted' })
        },
      },
    })

  return {
    async get(url: URL): Promise<Outcome> {
      const socket = sockets.get(url.host) ?? (await connect(url).catch(() => undefined))
      if (socket === undefined) return { outcome: 'refused' }
      sockets.set(url.host, socket)
      const path = `${url.pathname}${url.search}`
      return await new Promise((resolve) => {
        socket.data.text = ''
        socket.data.done = resolve
        socket.write(`GET ${path} HTTP/1.1\r\nhost: ${url.host}\r\n${lines.join('')}\r\n`)
      })
    },
    close(): void {
      for (const socket of sockets.values()) socket.terminate()
    },
  }
}

function settle({ data }: Socket, outcome: Outcome): void {
  const { done } = data
  data.done = undefined
  done?.(outcome)
}

/** An answer that is there to its end; one without a length is never whole. */
export function wholeAnswer(
  text: string,
): { readonly status: number; readonly closes: boolean } | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined || text.length < end + 4 + Number(length)) return undefined
  return {
    status: Number(head.slice(9, 12)),
    closes: /\r\nconnection: *close/i.test(head),
  }
}
