/** A PostgreSQL of a test's own, which it may stop and start, or kill. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { appendFile, chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { eventually, freePort } from './process.ts'

/** A server. Its superuser is `postgres`, without a password, on loopback alone. */
export interface Cluster {
  /** Of the database `postgres`. */
  readonly url: string
  /** Its folder: `PGDATA`. */
  readonly data: string
  /** How its programs are run: as a user that PostgreSQL accepts, and found without a path. */
  readonly shell: {
    readonly command: readonly [string, ...string[]]
    readonly path: string
  }
  start(): Promise<void>
  /** @param how `immediate` ends it as a crash does. @default fast */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  /** Every one of its processes dies (SIGKILL), as for want of memory. */
  kill(): Promise<void>
  /** Every one of its processes stands still (SIGSTOP): sockets stay open, and are silent. */
  pause(): Promise<void>
  /** They go on (SIGCONT). */
  resume(): Promise<void>
  /** Stops it, and removes every trace. */
  close(): Promise<void>
}

const run = promisify(execFile)

/** Makes a cluster and starts it: about 3 s. */
export async function startCluster(
  settings: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-cluster-'))
  const data = join(folder, 'data')
  const port = await freePort()
  const asRoot = process.getuid?.() === 0
  if (asRoot) {
    // PostgreSQL refuses to run as root.
    const { stdout } = await run('id', ['-u', 'postgres'])
    await chown(folder, Number(stdout), 0)
    await chmod(folder, 0o700)
  }
  const user = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'] as const
  const pg = (program: string, ...args: readonly string[]) => {
    const [command, ...rest] = [...(asRoot ? user : []), join(programs(), program), ...args] as [
      string,
      ...string[],
    ]
    return run(command, rest)
  }
  const options = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings }
  const lines = Object.entries(options).map(([name, value]) => `${name} = '${value}'\n`)
  const server = ['-D', data, '-w', '-t', '60'] as const
  await pg('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync')
  await appendFile(join(data, 'postgresql.conf'), lines.join(''))
  const start = async () => {
    await pg('pg_ctl', ...server, '-l', join(folder, 'log'), 'start')
  }
  const stop = async (how: 'fast' | 'immediate' = 'fast') => {
    await pg('pg_ctl', ...server, '-m', how, 'stop')
  }
  /** The postmaster comes first: stopped, it forks no more. */
  const processes = async (): Promise<readonly number[]> => {
    const postmaster = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0] ?? ''
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', postmaster])
    return [postmaster, ...stdout.split('\n')].filter((pid) => pid.trim() !== '').map(Number)
  }
  const signalAll = async (signal: NodeJS.Signals) => {
    const pids = await processes()
    for (const pid of pids) signalOne(pid, signal)
    return pids
  }
  await start()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    data,
    shell: {
      command: asRoot ? [...user, 'bash'] : ['bash'],
      path: [programs(), process.env['PATH']].filter(Boolean).join(':'),
    },
    start,
    stop,
    async kill() {
      await signalAll('SIGSTOP')
      const pids = await signalAll('SIGKILL')
      // The next start is refused while one of them lives.
      await eventually(
        async () => pids.filter(isAlive),
        ({ length }) => length === 0,
      )
    },
    async pause() {
      await signalAll('SIGSTOP')
      // Those that it had forked before it stopped.
      await signalAll('SIGSTOP')
    },
    async resume() {
      await signalAll('SIGCONT')
    },
    async close() {
      await signalAll('SIGCONT').catch(() => {
        // Nor is there anything to go on.
      })
      await stop('immediate').catch(() => {
        // A test may have left it stopped.
      })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A process may have ended meanwhile. */
function signalOne(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

const isAlive = (pid: number): boolean => signalOne(pid, 0)

/** Where Debian puts the newest version's programs; else they are in the path. */
function programs(): string {
  const versions = '/usr/lib/postgresql'
  const newest = existsSync(versions)
    ? readdirSync(versions)
        .sort((one, other) => Number(one) - Number(other))
        .at(-1)
    : undefined
  return newest === undefined ? '' : join(versions, newest, 'bin')
}
