/** A Redis of a test's own, which may be stopped, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { freePort } from './process.ts'

/** A running `redis-server` that keeps nothing on disk. */
export interface Redis {
  readonly url: string
  /** Of the process that runs now. */
  pid(): number | undefined
  /** Stops answering, with its sockets open (SIGSTOP). */
  hang(): void
  /** Answers again (SIGCONT). */
  resume(): void
  /** Dies (SIGKILL). */
  kill(): Promise<void>
  /** How many clients are connected, this one among them. */
  connections(): Promise<number>
  /** How many scripts it was asked to run so far: a limit's decision is one. */
  scripts(): Promise<number>
  /** Starts anew, empty, on the same port. */
  start(): Promise<void>
}

/** Starts one, and waits until it answers. */
export async function startRedis(): Promise<Redis> {
  const port = await freePort()
  let server: ChildProcess | undefined
  const redis: Redis = {
    url: `redis://127.0.0.1:${port}`,
    pid: () => server?.pid,
    hang: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
    async kill() {
      const dying = server
      if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return
      const gone = new Promise((resolve) => dying.once('close', resolve))
      dying.kill('SIGKILL')
      await gone
    },
    async connections() {
      const info = await ask(port, 'INFO clients')
      return Number(/^connected_clients:(\d+)/m.exec(info)?.[1])
    },
    async scripts() {
      const info = await ask(port, 'INFO commandstats')
      return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(info)?.[1] ?? 0)
    },
    async start() {
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '']
      server = spawn('redis-server', args, { stdio: 'ignore' })
      await answers(port)
    },
  }
  await redis.start()
  return redis
}

async function answers(port: number): Promise<void> {
  const deadline = performance.now() + 10_000
  while (performance.now() < deadline) {
    if ((await ask(port, 'PING')).startsWith('+PONG')) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`redis-server does not answer on port ${port}`)
}

/** What it answers first to an inline command; nothing where it does not. */
const ask = (port: number, command: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.setTimeout(500, () => socket.destroy())
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString())
    })
    socket.once('error', () => resolve(''))
    socket.once('close', () => resolve(''))
  })
