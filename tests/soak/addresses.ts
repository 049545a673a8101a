/** Millions of clients, each with an address of its own, and what memory the service takes for them. */
import { execFile } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { startCaly } from '../support/process.ts'

/** Requests in flight on each connection. */
const pipelined = 8
const connections = 8

/** Samples of the memory, each after a pause in which garbage is collected. */
const samplings = 10
const pause = 3000

/** What {@linkcode floodOfAddresses} found. Memory is resident, in MB. */
export interface AddressFlood {
  readonly addresses: number
  readonly refused: number
  readonly memoryMedian: number
  readonly memoryLeast: number
  readonly memoryMost: number
  readonly seconds: number
}

/**
 * Sends requests of so many addresses to a service behind a trusted proxy. Memory is looked
 * at once the first tenth has been served: everything is compiled and allocated by then.
 */
export async function floodOfAddresses(
  addresses: number,
  onProgress: (served: number, memory: number) => void,
): Promise<AddressFlood> {
  const caly = await startCaly({ env: { TRUSTED_PROXIES: '127.0.0.0/8,::1', LOG_LEVEL: 'error' } })
  try {
    const warmUp = Math.floor(addresses / 10)
    let served = 0
    let refused = 0
    const began = performance.now()
    const run = async (until: number) => {
      const each = async () => {
        const socket = await open(caly.port)
        while (served < until) {
          const from = served
          served += pipelined
          refused += await ask(socket, from, pipelined)
        }
        socket.destroy()
      }
      await Promise.all(Array.from({ length: connections }, each))
    }
    await run(warmUp)
    const { pid = 0 } = caly.child
    const samples = [await residentMemory(pid)]
    for (let step = 1; step <= samplings; step++) {
      await run(warmUp + Math.floor(((addresses - warmUp) * step) / samplings))
      const memory = await residentMemory(pid)
      samples.push(memory)
      onProgress(served, memory)
    }
    return {
      addresses: served,
      refused,
      memoryMedian: samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0,
      memoryLeast: Math.min(...samples),
      memoryMost: Math.max(...samples),
      seconds: Math.round((performance.now() - began) / 1000),
    }
  } finally {
    await caly.stop()
  }
}

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    // A connection that breaks later ends the run.
    socket.on('error', reject)
  })

/** Sends requests in one go. @returns how many were refused, once all are answered */
function ask(socket: Socket, from: number, count: number): Promise<number> {
  return new Promise((resolve) => {
    let text = ''
    const onData = (data: Buffer) => {
      text += data.toString('latin1')
      const answers = text.match(/HTTP\/1\.1 \d{3}/g) ?? []
      if (answers.length < count || !text.endsWith('}')) return
      socket.off('data', onData)
      resolve(answers.filter((answer) => answer.endsWith('429')).length)
    }
    socket.on('data', onData)
    const request = (i: number) =>
      `GET /api HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address(i)}\r\n\r\n`
    socket.write(Array.from({ length: count }, (_, i) => request(from + i)).join(''))
  })
}

const address = (i: number): string =>
  `${11 + (i >>> 24)}.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`

async function residentMemory(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, pause))
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Math.round(Number(stdout) / 1000)
}
