/**
 * Load at a constant rate, whatever the server does (an open loop). Each request has a moment at which
 * it is due, and its time counts from then, not from when a connection was free to send it: a server
 * that stalls is told by all requests that had to wait, not by the few that were under way
 * (coordinated omission). As a process of its own it takes `URL`, `RATE`, `SECONDS`, `CONNECTIONS`.
 */
import process from 'node:process'
import { wholeAnswer } from './keep-alive.ts'
import { quantile } from './statistics.ts'

/** How a server is asked. */
export interface OpenLoad {
  readonly url: URL
  /** Requests a second. */
  readonly rate: number
  readonly seconds: number
  readonly connections: number
  /** Milliseconds that answers may take after the last request was due. @default 10_000 */
  readonly patience?: number
}

/** Times in milliseconds, from when a request was due to the end of its answer. */
export interface Latencies {
  readonly requests: number
  /** Answers that were not 2xx, connections that broke, and requests that were never answered. */
  readonly failures: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly most: number
}

interface Connection {
  /** Which request is under way; the times of all are kept by it. */
  request: number | undefined
  /** What came of its answer so far. */
  text: string
}

type Socket = Bun.Socket<Connection>

/**
 * Asks from this process, which has to have a core for itself: it spins, since timers are a
 * millisecond late.
 */
export async function openLoop(load: OpenLoad): Promise<Latencies> {
  const { url, rate, seconds, connections, patience = 10_000 } = load
  const total = Math.floor(rate * seconds)
  const text = `GET ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`
  const times = new Float64Array(total).fill(Number.NaN)
  const idle: Socket[] = []
  let failures = 0
  let ended = 0
  let closed = false

  const end = (socket: Socket, isGood: boolean) => {
    const { request } = socket.data
    if (request === undefined) return
    socket.data.request = undefined
    socket.data.text = ''
    times[request] = performance.now() - dueAt(request)
    ended += 1
    if (!isGood) failures += 1
  }
  const connect = () =>
    Bun.connect<Connection>({
      hostname: url.hostname,
      port: Number(url.port),
      data: { request: undefined, text: '' },
      socket: {
        data(socket, chunk) {
          socket.data.text += chunk.toString('latin1')
          const answer = wholeAnswer(socket.data.text)
          if (answer === undefined) return
          end(socket, answer.status < 300)
          idle.push(socket)
        },
        close(socket) {
          end(socket, false)
          const place = idle.indexOf(socket)
          if (place >= 0) idle.splice(place, 1)
          // Where nobody listens any more, what is due waits for the others, or in vain.
          if (!closed) void connect().then(join, () => undefined)
        },
      },
    })
  const join = (socket: Socket) => void idle.push(socket)
  const sockets = await Promise.all(Array.from({ length: connections }, connect))
  sockets.forEach(join)

  const startedAt = performance.now()
  const dueAt = (request: number) => startedAt + (request * 1000) / rate
  const deadline = startedAt + seconds * 1000 + patience
  let sent = 0
  await new Promise<void>((resolve) => {
    const turn = () => {
      const now = performance.now()
      while (sent < total && dueAt(sent) <= now) {
        const socket = idle.pop()
        if (socket === undefined) break
        socket.data.request = sent++
        socket.write(text)
      }
      if (ended < total && now < deadline) setImmediate(turn)
      else resolve()
    }
    turn()
  })
  closed = true
  const endedAt = performance.now()
  for (const socket of sockets) socket.terminate()
  // It has waited for so long at least.
  for (const [request, time] of times.entries())
    if (Number.isNaN(time)) times[request] = endedAt - dueAt(request)
  const sorted = times.sort()
  return {
    requests: total,
    failures: failures + total - ended,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    most: quantile(sorted, 1),
  }
}

if (import.meta.main) {
  const { env } = process
  const latencies = await openLoop({
    url: new URL(env['URL'] ?? ''),
    rate: Number(env['RATE']),
    seconds: Number(env['SECONDS']),
    connections: Number(env['CONNECTIONS']),
  })
  process.stdout.write(JSON.stringify(latencies))
}
