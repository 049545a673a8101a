/** Which faults happen to the same service, in this order, and for how long in the tests. */
import { clockJumped } from './clock-jumped.ts'
import { collectorGone } from './collector-gone.ts'
import { databaseKilled } from './database-killed.ts'
import { databasePaused } from './database-paused.ts'
import { databaseRestarted } from './database-restarted.ts'
import { databaseSlow } from './database-slow.ts'
import { databaseSwallowed } from './database-swallowed.ts'
import { diskFull, diskFullAndDatabaseGone } from './disk-full.ts'
import { type FakedClock, fakedClock } from './harness/faked-clock.ts'
import { type SmallDisk, smallDisk } from './harness/small-disk.ts'
import { short } from './harness/stage.ts'
import type { Suite } from './harness/suite.ts'
import { killed } from './killed.ts'
import { memoryPressure } from './memory-pressure.ts'
import { poolExhausted } from './pool-exhausted.ts'
import { redisGone } from './redis-gone.ts'
import { slowClients } from './slow-clients.ts'
import { terminated } from './terminated.ts'

/** PostgreSQL is gone or silent. */
export const databaseGone: Suite = {
  faults: [
    [databaseKilled, 2500],
    [databasePaused, 4000],
    [databaseSwallowed, 5000],
  ],
  options: async () => ({ limits: short }),
}

/** PostgreSQL is slow, held up or restarted. */
export const databaseBusy: Suite = {
  faults: [
    [poolExhausted(), 4000],
    [databaseRestarted, 300],
    [databaseSlow, 3000],
  ],
  // Fewer connections than the load has clients.
  options: async () => ({
    // A machine that is busy with other tests is slow enough without a fault.
    limits: { connection: 4000, request: 15_000 },
    env: { DB_POOL_MAX: '10' },
  }),
}

/** The process goes, or has a crowd at its door. */
export const processGoes: Suite = {
  faults: [
    [killed, 0],
    [terminated, 0],
    [slowClients(), 3000],
  ],
}

/** The same under Deno, with one of the database's: the code is the same, the sockets are not. */
export const processGoesOnDeno: Suite = { faults: [[databaseKilled, 2500], ...processGoes.faults] }

/** Redis or the collector is gone, or memory or disk is short. */
export function surroundings(): Suite & { readonly disk: () => SmallDisk } {
  let made: SmallDisk | undefined
  const disk = () => {
    if (made === undefined) throw new Error('The disk is not there yet')
    return made
  }
  return {
    disk,
    faults: [
      [diskFullAndDatabaseGone(disk), 2000],
      [redisGone, 1500],
      [collectorGone, 1500],
      [diskFull(disk), 500],
      [memoryPressure(), 1500],
    ],
    async options() {
      made = await smallDisk()
      return { dataDir: made.folder, env: { MAX_IN_FLIGHT: '200' }, afterwards: made.close }
    },
  }
}

/** The service's clock is wrong at once. */
export function clocks(): Suite & { readonly clock: () => FakedClock } {
  let made: FakedClock | undefined
  const clock = () => {
    if (made === undefined) throw new Error('The clock is not there yet')
    return made
  }
  const hour = 3600
  return {
    clock,
    faults: [
      [clockJumped(clock, hour), 1000],
      [clockJumped(clock, -hour), 1000],
    ],
    async options() {
      made = await fakedClock()
      // Limits are counted by the service itself: Redis has a clock of its own.
      return { env: { ...made.env, REDIS_URL: '' }, afterwards: made.close }
    },
  }
}
