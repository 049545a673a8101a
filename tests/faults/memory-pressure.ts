import { connect, type Socket } from 'node:net'
import type { Fault } from './harness/fault.ts'

/** Clients, three times as many as are let in: see `MAX_IN_FLIGHT` in surroundings.test.ts. */
const clients = 600

/** Bytes of each body, a little less than `BODY_LIMIT`, of which the last never comes. */
const size = 1_000_000

const body = Buffer.alloc(size - 1, ' ')

/** Large bodies, as many as come at once, held for as long as the service lets them. */
export function memoryPressure(): Fault {
  const sockets: Socket[] = []
  return {
    name: 'memory pressure',
    begin({ caly }) {
      for (let index = 0; index < clients; index++)
        sockets.push(send(caly().port, `2001:db8:${index.toString(16)}::1`))
    },
    end() {
      for (const socket of sockets.splice(0)) socket.destroy()
    },
    serves: ['live', 'ready', 'callback'],
    // Its own requests are: what the load sends may come before or after.
    hurts: false,
    sign: { metric: 'caly_overload_refusals_total', is: 'up', by: clients / 3 },
  }
}

function send(port: number, address: string): Socket {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(
      `POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address}\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`,
    )
    socket.write(body)
  })
  // Who is refused is cut off while it still sends.
  socket.on('error', () => undefined)
  socket.resume()
  return socket
}
