import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { DatabaseUnavailableError } from '../errors.ts'
import type { DatabaseTarget } from '../target.ts'
import { type FolderLock, lockFolder, socketOf } from './lock.ts'
import type { FromWorker, ToWorker } from './worker.ts'

/** The embedded database of this process. */
export interface EmbeddedDatabase {
  /** How to connect to it. */
  readonly target: DatabaseTarget
  /** Flushes and ends it, and gives the data folder back. Connections must be closed before. */
  close(): Promise<void>
}

/** Options of {@linkcode openEmbedded}. */
export interface EmbeddedOptions {
  readonly dataDir: string
  /** Told once if the database dies while it serves. */
  readonly onDeath: (error: Error) => void
}

/** `sockaddr_un` holds 108 bytes on Linux and 104 on macOS, the final zero included. */
const longestSocketPath = 100

const socketName = '.s.PGSQL.5432'

/** A first start creates the cluster: some 5 s on a slow machine. */
const openTimeout = 120_000
const closeTimeout = 10_000

/**
 * Starts PostgreSQL in this process (PGlite, in a Worker) on the data folder, which it takes for
 * itself alone. Whoever may read the folder may connect: there is no other password.
 *
 * @throws {DataFolderLockedError} if another process has the folder
 */
export async function openEmbedded({
  dataDir,
  onDeath,
}: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const folder = resolve(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const lock = await lockFolder(folder)
  const socketPath = prepareSocket(folder)
  try {
    const worker = await start(join(folder, 'postgres'), socketPath, onDeath)
    lock.announce(socketPath)
    return {
      target: targetAt(socketPath),
      async close() {
        await worker.close()
        cleanUp(socketPath, lock)
      },
    }
  } catch (error) {
    cleanUp(socketPath, lock)
    throw error
  }
}

/**
 * How to connect to the embedded database of a service that is running on the folder; undefined
 * where none is.
 */
export async function joinEmbedded(dataDir: string): Promise<DatabaseTarget | undefined> {
  const socket = await socketOf(resolve(dataDir))
  return socket === undefined ? undefined : targetAt(socket)
}

const targetAt = (path: string): DatabaseTarget => ({
  path,
  hosts: [],
  database: 'postgres',
  user: 'postgres',
  password: '',
  ssl: false,
  parameters: {},
})

/** In the data folder; where its path is too long for a socket, in a folder of the system's. */
function prepareSocket(folder: string): string {
  const path = join(folder, 'socket', socketName)
  if (Buffer.byteLength(path) > longestSocketPath)
    return join(mkdtempSync(join(tmpdir(), 'caly-')), socketName)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // Left by a process that was killed; the lock says that it is gone.
  rmSync(path, { force: true })
  return path
}

function cleanUp(socketPath: string, lock: FolderLock): void {
  rmSync(dirname(socketPath), { recursive: true, force: true })
  lock.release()
}

async function start(dataFolder: string, socketPath: string, onDeath: (error: Error) => void) {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const say = (message: ToWorker) => worker.postMessage(message)
  const listening = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  let serving = false
  const die = (message: string) => {
    const error = new DatabaseUnavailableError('The embedded database failed', {
      cause: new Error(message),
    })
    if (serving) {
      // With it go its sockets: what waits for an answer fails now, and readiness with it.
      worker.terminate()
      onDeath(error)
    }
    serving = false
    listening.reject(error)
    closed.resolve()
  }
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === 'listening') listening.resolve()
    else if (data.type === 'closed') closed.resolve()
    else die(data.message)
  }
  worker.onerror = (event) => {
    // Not handled here, it would end the whole process under Deno.
    event.preventDefault()
    die(event.message)
  }
  say({ type: 'open', dataFolder, socketPath })
  try {
    await within(openTimeout, listening.promise)
    serving = true
  } catch (error) {
    worker.terminate()
    throw error
  }
  return {
    async close() {
      serving = false
      say({ type: 'close' })
      await within(closeTimeout, closed.promise).catch(() => {})
      worker.terminate()
    },
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DatabaseUnavailableError('The embedded database did not answer in time')),
      ms,
    )
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
