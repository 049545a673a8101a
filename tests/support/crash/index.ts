/** Kills Caly again and again while clients place calls, and tells what became of every call. */
import { randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { adminOf, type Client, clientOf } from '../client.ts'
import { createScratchDatabase, openDatabaseOf } from '../database.ts'
import { type Caly, freePort, startCaly } from '../process.ts'
import { type Placed, placeCalls } from './placing.ts'
import { judge, untilEnded, type Verdict, witness } from './verdict.ts'

/** How much is to be killed. */
export interface CrashOptions {
  readonly kills: number
  /** Clients that place calls at the same time. @default 4 */
  readonly clients?: number
  /** Milliseconds for which a process is left alive at most, once it is ready. @default 900 */
  readonly longestLife?: number
  /** What the moments of death follow from, a whole number. @default a random one */
  readonly seed?: number
  /** Told each time a process has been killed. */
  readonly onKill?: (killed: number) => void
}

/** What became of the calls. */
export interface CrashReport extends Verdict, Omit<Placed, 'ids' | 'surprises'> {
  readonly seed: number
  readonly kills: number
  /** Calls that a client was answered 202 for. */
  readonly accepted: number
  /** Milliseconds from the last start until every call and job had ended. */
  readonly lastEndedAfter: number
}

/** Every fourth process is killed while it is still starting. */
const killedWhileStarting = 4
const longestStart = 700

/** Milliseconds for which a dead process's job may wait: it is missed after 10 s, and looked for every 10 s. */
const endLimit = 40_000

/**
 * Starts Caly, and kills it (SIGKILL) at random moments: while it starts, while it accepts, places
 * and follows calls. Each time it is started again on the same database and port.
 */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const { kills, clients = 4, seed = randomInt(2 ** 32), onKill = () => {} } = options
  const { longestLife = 900 } = options
  const random = randomNumbers(seed)
  const scratch = await createScratchDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'caly-crash-'))
  const env = {
    PORT: String(await freePort()),
    CALY_DATA_DIR: folder,
    DATABASE_URL: scratch?.url,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    RATE_LIMIT_GLOBAL: 'off',
    RATE_LIMIT_API: 'off',
    RATE_LIMIT_WEBHOOK: 'off',
  }
  let caly = await startCaly({ env })
  const client = await firstClient(caly)
  const placing = placeCalls({ next: () => client, clients, random })
  const deaths: number[] = []
  try {
    for (let killed = 0; killed < kills; killed += 1) {
      const starting = killed % killedWhileStarting === killedWhileStarting - 1
      await sleep(random() * (starting ? longestStart : longestLife))
      caly.child.kill('SIGKILL')
      deaths.push(Date.now())
      await caly.exited()
      onKill(killed + 1)
      const next = (killed + 1) % killedWhileStarting === killedWhileStarting - 1
      caly = await startCaly({ env, ready: !next })
    }
    // The last process may not be ready yet: it takes up what the others left.
    const { ids, surprises, ...counts } = await placing.stop()
    const started = performance.now()
    const database = await openDatabaseOf(caly)
    try {
      const late = await untilEnded(database, endLimit)
      const lastEndedAfter = Math.round(performance.now() - started)
      const verdict = await judge(database, { ids, surprises, ...counts }, deaths)
      const broken = [...late, ...verdict.broken]
      return { seed, kills, accepted: ids.length, ...counts, ...verdict, broken, lastEndedAfter }
    } finally {
      await database.close()
    }
  } finally {
    await placing.abandon()
    await caly.stop()
    await scratch?.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A client with a key of its own; the database is a witness from here on. */
async function firstClient(caly: Caly): Promise<Client> {
  const database = await openDatabaseOf(caly)
  await witness(database)
  await database.close()
  const admin = await adminOf(caly)
  const scopes = ['calls:read', 'calls:write']
  const { body } = await admin('POST', '/api/keys', { name: 'crash', scopes })
  return clientOf(caly, body.key)
}

/** Numbers from 0 up to 1 that follow from the seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
