/** A PgBouncer of its own in transaction mode, between the tests and their PostgreSQL. */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import postgres from 'postgres'
import { eventually, freePort } from '../support/process.ts'

/** A running PgBouncer. */
export interface PgBouncer {
  readonly pid: number | undefined
  /** The same URL by way of it. */
  through(url: string): string
  /** Speaks to its console: `SHOW POOLS`, `PAUSE`, `RECONNECT`. */
  command(text: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

/** Where Debian puts it. */
const program = '/usr/sbin/pgbouncer'

/**
 * Starts PgBouncer before the server of a URL, for that URL's user. It ignores no start-up
 * parameter, as in its default configuration: what it does not know it refuses.
 *
 * @param serverConnections by default fewer than the pools of two replicas, so that they have to share
 */
export async function startPgBouncer(
  serverUrl: string,
  serverConnections = 10,
): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password } = new URL(serverUrl)
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'caly-pgbouncer-'))
  const users = join(folder, 'users.txt')
  const configuration = join(folder, 'pgbouncer.ini')
  await writeFile(users, `"${username}" "${decodeURIComponent(password)}"\n`)
  await writeFile(
    configuration,
    `[databases]
* = host=${hostname} port=${serverPort || 5432}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
admin_users = ${username}
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 200
${process.getuid?.() === 0 ? 'user = nobody' : ''}
`,
  )
  // It reads them as nobody.
  await chmod(folder, 0o755)
  const child = spawn(program, [configuration], { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const exit = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const consoleUrl = `postgres://${username}@127.0.0.1:${port}/pgbouncer`
  const command = async (text: string) => {
    const sql = postgres(consoleUrl, { max: 1, fetch_types: false, onnotice: () => {} })
    try {
      return (await sql.unsafe(text)) as readonly Record<string, unknown>[]
    } finally {
      await sql.end()
    }
  }
  await eventually(
    () => command('SHOW VERSION').catch(() => output),
    (answer) => typeof answer !== 'string',
  )
  return {
    pid: child.pid,
    through(url) {
      const pooled = new URL(url)
      pooled.hostname = '127.0.0.1'
      pooled.port = String(port)
      return pooled.href
    },
    command,
    async close() {
      child.kill('SIGKILL')
      await exit
      await rm(folder, { recursive: true, force: true })
    },
  }
}
