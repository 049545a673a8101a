import { connect, type Socket } from 'node:net'
import type { Fault } from './harness/fault.ts'

/** How many of each manner. */
const crowd = { header: 600, body: 300, reader: 100 }

/** Answers that a reader asks for and does not read: more than the sockets on the way hold. */
const unread = 2

/** Milliseconds between two of the bytes that a client sends. */
const pause = 1000

type Manner = keyof typeof crowd

const post =
  'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'

/** What each says at first: headers that do not end, a body that does not, an answer nobody reads. */
const beginnings: Readonly<Record<Manner, (address: string) => string>> = {
  header: () => 'GET /api HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
  body: (address) => `${post}X-Forwarded-For: ${address}\r\nContent-Length: 100000\r\n\r\n`,
  reader: (address) =>
    `GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address}\r\n\r\n`.repeat(
      unread,
    ),
}

/** A thousand clients at once that take their time, each from an address of its own. */
export function slowClients(): Fault {
  const sockets: Socket[] = []
  let dripping: NodeJS.Timeout | undefined
  return {
    name: '1,000 slow clients',
    async begin({ caly }) {
      const manners = Object.entries(crowd) as [Manner, number][]
      const opened = await Promise.all(
        manners.flatMap(([manner, count]) =>
          Array.from({ length: count }, (_, index) =>
            open(caly().port, manner, `2001:db8:${index.toString(16)}::${manner.length}`),
          ),
        ),
      )
      sockets.push(...opened.map(({ socket }) => socket))
      const dripped = opened.filter(({ manner }) => manner !== 'reader')
      dripping = setInterval(() => {
        for (const { socket } of dripped) if (socket.writable) socket.write(' ')
      }, pause)
    },
    end() {
      clearInterval(dripping)
      for (const socket of sockets.splice(0)) socket.destroy()
    },
    serves: 'all',
    hurts: false,
    sign: { metric: 'process_open_fds', is: 'up', by: 900 },
  }
}

function open(port: number, manner: Manner, address: string) {
  return new Promise<{ socket: Socket; manner: Manner }>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      if (manner === 'reader') socket.pause()
      socket.write(beginnings[manner](address), () => resolve({ socket, manner }))
    })
    socket.on('error', reject)
  })
}
