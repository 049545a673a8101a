/**
 * Many calls through the real client for Exotel, while the provider and its callbacks go wrong, and
 * Caly is killed now and then: what became of each, against what the provider has played.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exotelSimulator, type FaultShares } from '../../../src/exotel-simulator/index.ts'
import { adminOf, type Client, clientOf } from '../client.ts'
import { createScratchDatabase, openDatabaseOf } from '../database.ts'
import { exotelEnv } from '../exotel.ts'
import { type Caly, freePort, startCaly } from '../process.ts'
import { judge, type Verdict } from './verdict.ts'

/** How much is to go wrong. */
export interface FleetOptions {
  readonly calls: number
  /** Kills (SIGKILL) and restarts, spread over the time in which calls are placed. @default 0 */
  readonly kills?: number
  /** @default {@linkcode oneInFive} */
  readonly faults?: FaultShares
  readonly seed?: number
  /** Told about the progress. */
  readonly onProgress?: (text: string) => void
}

/** What became of the fleet. */
export interface FleetReport extends Verdict {
  readonly seconds: number
  /** How often each fault has held. */
  readonly faults: string
}

/** Together, every fifth request to place a call, every fifth callback and every fifth answer goes wrong. */
export const oneInFive: FaultShares = {
  slow: 0.02,
  error: 0.03,
  'error-placed': 0.03,
  html: 0.02,
  unreadable: 0.03,
  'lost-answer': 0.03,
  reset: 0.02,
  'rate-limited': 0.02,
  'callback-lost': 0.05,
  'callback-twice': 0.04,
  'callback-reordered': 0.03,
  'callback-malformed': 0.03,
  'callback-wrong-secret': 0.03,
  'callback-late': 0.02,
  'details-error': 0.1,
  'details-slow': 0.1,
}

const clients = 8

/** Milliseconds of silence after which a call is asked about; 12 of them and it is given up. */
const reconcileAfter = 3000

/** Milliseconds for the last call to end. */
const endLimit = 300_000

export async function exotelFleet(options: FleetOptions): Promise<FleetReport> {
  const { calls, kills = 0, faults = oneInFive, seed = 1, onProgress = () => {} } = options
  const began = performance.now()
  const scratch = await createScratchDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'caly-fleet-'))
  const exotel = await exotelSimulator({ step: 200, slowBy: 300, faults, seed })
  const port = String(await freePort())
  const env = {
    ...exotelEnv(exotel),
    PORT: port,
    PUBLIC_URL: `http://localhost:${port}`,
    CALY_DATA_DIR: folder,
    DATABASE_URL: scratch?.url,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    EXOTEL_RATE_LIMIT: 'off',
    RECONCILE_AFTER: String(reconcileAfter),
    RATE_LIMIT_GLOBAL: 'off',
    RATE_LIMIT_API: 'off',
    RATE_LIMIT_WEBHOOK: 'off',
  }
  let caly = await startCaly({ env })
  try {
    const client = await clientWithKey(caly)
    const ids: string[] = []
    const placing = placeAll(client, calls, ids)
    for (let killed = 0; killed < kills; killed += 1) {
      const share = (calls * (killed + 1)) / (kills + 1)
      while (ids.length < share) await sleep(20)
      caly.child.kill('SIGKILL')
      await caly.exited()
      onProgress(`killed after ${ids.length} calls`)
      caly = await startCaly({ env })
    }
    await placing
    onProgress(`${ids.length} calls are accepted`)
    await exotel.settled()
    const database = await openDatabaseOf(caly)
    try {
      const verdict = await judge({ database, exotel, ids, limit: endLimit, restarts: kills })
      const held = Object.entries(exotel.counts().faults)
      return {
        ...verdict,
        seconds: Math.round((performance.now() - began) / 1000),
        faults: held.map(([name, count]) => `${name} ${count}`).join(', '),
      }
    } finally {
      await database.close()
    }
  } finally {
    await caly.stop()
    await exotel.close()
    await scratch?.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** How callees end their calls, by their last four digits: every third one is not a plain success. */
const endings = ['4711', '0001', '4712', '0002', '4713', '0003', '4714', '4715', '0005', '4716']

/** Places every call once, whatever happens meanwhile: what is not answered is sent again. */
async function placeAll(client: Client, calls: number, ids: string[]): Promise<void> {
  const numbers = Array.from({ length: calls }, (_, index) => index).values()
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (const index of numbers) {
        const callee = `+9198${String(index).padStart(4, '0')}${endings[index % endings.length]}`
        ids.push(await placeOne(client, callee, index % 7 === 0))
      }
    }),
  )
}

async function placeOne(client: Client, to: string, record: boolean): Promise<string> {
  const key = randomUUID()
  const body = { from: '+919999900001', to, record }
  for (;;) {
    const answer = await client('POST', '/api/calls', body, { 'idempotency-key': key }).catch(
      () => undefined,
    )
    if (answer?.status === 202) return answer.body.id
    if (answer !== undefined && ![409, 503].includes(answer.status))
      throw new Error(`A call was answered ${answer.status} ${answer.body.code}`)
    await sleep(50)
  }
}

/** A key outlives the process that made it. */
async function clientWithKey(caly: Caly): Promise<Client> {
  const admin = await adminOf(caly)
  const { body } = await admin('POST', '/api/keys', { name: 'fleet', scopes: ['calls:write'] })
  return clientOf(caly, body.key)
}
