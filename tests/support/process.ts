/** Caly as a process of its own, as its users start it: Bun, or Deno with CALY_TEST_RUNTIME=deno. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { createScratchDatabase, fillDataDir } from './database.ts'
import { scratchFolder } from './scratch.ts'
import { registerSecretsOf, secretsIn } from './secrets.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** What Caly runs on. */
export type Runtime = 'bun' | 'deno'

/** Which runtime the service under test runs on. */
export const testedRuntime: Runtime = process.env['CALY_TEST_RUNTIME'] === 'deno' ? 'deno' : 'bun'

/** How to start Caly. */
export interface CalyOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** @default src/main.ts */
  readonly script?: string
  readonly args?: readonly string[]
  /** Whether to wait until `/health/ready` answers 200. @default true */
  readonly ready?: boolean
  /** Whether its fresh database has every table already, which its start would make. @default true */
  readonly migrated?: boolean
  /** @default the one under test */
  readonly runtime?: Runtime
}

/** A running Caly. */
export interface Caly {
  readonly baseUrl: URL
  readonly port: number
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
  readonly child: ChildProcess
  /** The admin that the configuration names. */
  readonly admin: { readonly email: string; readonly password: string }
  /** What it printed so far, on both streams. */
  output(): string
  /** Waits for its end. */
  exited(): Promise<number | null>
  /**
   * SIGTERM, then the exit code; what it kept on disk goes too.
   *
   * @throws if a secret that any test used stands in what it printed
   */
  stop(): Promise<number | null>
}

const admin = { email: 'admin@example.com', password: 'correct horse battery staple' }

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
}

/** What runs a script on a runtime: a command, and what comes before the script's own arguments. */
export const runtimeCommand = (runtime: Runtime, script: string): [string, string[]] =>
  runtime === 'deno'
    ? ['deno', ['run', '-A', '--unstable-no-legacy-abort', script]]
    : [process.execPath, [script]]

/** Starts Caly on a fresh database: on the server of TEST_DATABASE_URL, else embedded. */
export async function startCaly(options: CalyOptions = {}): Promise<Caly> {
  const { script = 'src/main.ts', args = [], ready = true, runtime = testedRuntime } = options
  const { migrated = true } = options
  const port = Number(options.env?.['PORT'] ?? (await freePort()))
  const dataDir = await scratchFolder('caly-')
  const scratch =
    options.env?.['DATABASE_URL'] === undefined ? await createScratchDatabase(migrated) : undefined
  const env: Record<string, string> = {}
  const wanted: Readonly<Record<string, string | undefined>> = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_ENV: 'development',
    PORT: String(port),
    CALY_DATA_DIR: dataDir,
    CALY_ADMIN_EMAIL: admin.email,
    CALY_ADMIN_PASSWORD: admin.password,
    LOG_FORMAT: 'json',
    SIMULATOR_STEP: '100',
    // No test asks strangers, whatever the hour: nobody listens there.
    SCAN_SCHEDULE: 'off',
    SCAN_REGISTRY: 'http://127.0.0.1:9',
    SCAN_OSV: 'http://127.0.0.1:9',
    DATABASE_URL: scratch?.url,
    REDIS_URL: redisDatabase(),
    ...options.env,
  }
  // The very first start takes seconds; the tests of that have a folder of their own.
  const isEmbedded = (wanted['DATABASE_URL'] ?? '') === '' && wanted['CALY_DATA_DIR'] === dataDir
  if (isEmbedded) await fillDataDir(dataDir, migrated)
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) env[name] = value
  registerSecretsOf(env)

  const [command, runtimeArgs] = runtimeCommand(runtime, script)
  const child = spawn(command, [...runtimeArgs, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const scheme = env['TLS_CERT'] === undefined ? 'http' : 'https'
  const caly: Caly = {
    baseUrl: new URL(`${scheme}://localhost:${Number.isInteger(port) ? port : 0}`),
    port,
    dataDir: env['CALY_DATA_DIR'] ?? dataDir,
    env,
    child,
    admin,
    output: () => output,
    exited: () => exit,
    async stop() {
      child.kill('SIGTERM')
      const code = await exit
      await rm(dataDir, { recursive: true, force: true })
      await scratch?.drop()
      const found = secretsIn(output)
      if (found.length > 0) throw new Error(`Secrets stand in the log: ${found.join(', ')}`)
      return code
    },
  }
  if (ready) await untilReady(caly, exit)
  return caly
}

/** A database of the server of TEST_REDIS_URL, most likely nobody else's: one of 65,536. */
const redisDatabase = (): string | undefined => {
  const server = process.env['TEST_REDIS_URL']
  return server && `${server}/${randomInt(65_536)}`
}

/** Longest start: the embedded database's first one takes some seconds, more beside other tests. */
const startLimit = 60_000

async function untilReady(caly: Caly, exit: Promise<number | null>): Promise<void> {
  let ended = false
  void exit.then(() => {
    ended = true
  })
  const deadline = performance.now() + startLimit
  while (performance.now() < deadline && !ended) {
    const ready = await fetch(new URL('/health/ready', caly.baseUrl)).catch(() => undefined)
    if (ready?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  caly.child.kill('SIGKILL')
  throw new Error(`Caly did not become ready:\n${caly.output().slice(-2000)}`)
}

/** Asks again until the answer is good, or the time is up. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  good: (value: Value) => boolean,
  limit = 10_000,
): Promise<Value> {
  const deadline = performance.now() + limit
  for (;;) {
    const value = await ask()
    if (good(value)) return value
    if (performance.now() > deadline)
      throw new Error(`Still not so after ${limit} ms: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
