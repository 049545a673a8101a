/** The HAProxy of deploy/haproxy before three replicas, as its users run it. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { eventually, freePort } from '../support/process.ts'

/** A running HAProxy. */
export interface Haproxy {
  readonly pid: number | undefined
  /** Where its clients ask. */
  readonly baseUrl: URL
  /**
   * Where a balancer in front of it says whom it speaks for (PROXY protocol): one machine can be any
   * client there.
   */
  readonly toldPort: number
  /** Requests that each replica was given so far, in their order. */
  served(): Promise<readonly number[]>
  /** Requests that a replica did not take, and that it had to send again, so far. */
  resent(): Promise<number>
  /** Waits until it takes all replicas for ready. */
  untilAllUp(): Promise<void>
  close(): Promise<void>
}

/** Where Debian puts it. */
const program = '/usr/sbin/haproxy'

const shipped = fileURLToPath(new URL('../../deploy/haproxy/haproxy.cfg', import.meta.url))

/** Starts it, and waits until it listens. The replicas need not be there yet. */
export async function startHaproxy(replicas: readonly number[]): Promise<Haproxy> {
  const [port, toldPort] = [await freePort(), await freePort()]
  const folder = await mkdtemp(join(tmpdir(), 'caly-haproxy-'))
  const socket = join(folder, 'stats')
  const beside = join(folder, 'beside.cfg')
  await writeFile(
    beside,
    `global
  stats socket ${socket} mode 600 level user
frontend told
  mode http
  timeout client 60s
  bind 127.0.0.1:${toldPort} accept-proxy
  default_backend caly
`,
  )
  const names = replicas.map((port, index) => [`CALY_REPLICA_${index + 1}`, `127.0.0.1:${port}`])
  const child = spawn(program, ['-db', '-f', shipped, '-f', beside], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { CALY_BIND: `127.0.0.1:${port}`, ...Object.fromEntries(names) },
  })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const exit = new Promise<void>((resolve) => child.once('close', () => resolve()))
  /** The rows of `show stat` that are replicas, each asked while it is ready. */
  const rows = async () => {
    const [head = '', ...lines] = (await ask(socket, 'show stat')).trim().split('\n')
    const names = head.replace(/^# /, '').split(',')
    const all = lines.map((line) => {
      const values = line.split(',')
      return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))
    })
    return all.filter(({ pxname, svname }) => pxname === 'caly' && svname?.startsWith('replica-'))
  }
  await eventually(
    () => rows().catch(() => output),
    (found) => typeof found !== 'string',
  )
  return {
    pid: child.pid,
    baseUrl: new URL(`http://localhost:${port}`),
    toldPort,
    served: async () => (await rows()).map(({ stot }) => Number(stot)),
    resent: async () =>
      (await rows()).reduce((sum, { wretr, wredis }) => sum + Number(wretr) + Number(wredis), 0),
    async untilAllUp() {
      const up = async () => (await rows()).map(({ status }) => status)
      await eventually(up, (words) => words.every((word) => word === 'UP'))
    },
    async close() {
      child.kill('SIGKILL')
      await exit
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Asks at its socket. */
async function ask(path: string, command: string): Promise<string> {
  const socket = connect(path)
  socket.end(`${command}\n`)
  return await text(socket)
}
