import { createConnection, type Socket } from 'node:net'
import type { DatabaseTarget } from '../target.ts'

/** A connected socket, with the name that TLS checks the certificate against. */
export type DialledSocket = Socket & { host?: string }

/**
 * Opens a socket to the first of the target's hosts that answers. We dial ourselves, so that we
 * hold the socket and can destroy it: postgres.js only says good-bye, to which a peer that is gone
 * never answers.
 *
 * @throws the system's error of the last host
 */
export async function dial({ path, hosts }: DatabaseTarget): Promise<DialledSocket> {
  if (path !== undefined) return connected(createConnection({ path }))
  let fault: unknown
  for (const { host, port } of hosts) {
    try {
      const socket: DialledSocket = await connected(createConnection({ host, port }))
      socket.setNoDelay(true)
      socket.host = host
      return socket
    } catch (error) {
      fault = error
    }
  }
  throw fault
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    socket.once('error', onError)
    socket.once('connect', () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}
