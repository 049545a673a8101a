import { eventually } from '../support/process.ts'
import type { FakedClock } from './harness/faked-clock.ts'
import type { Fault } from './harness/fault.ts'
import type { Stage } from './harness/stage.ts'

/** The clock of the service's machine, not the database's, is wrong at once by so many seconds. */
export const clockJumped = (clock: () => FakedClock, seconds: number): Fault => ({
  name: `clock jumps by ${seconds / 3600} h, and back`,
  begin: (stage) => setClock(stage, clock(), seconds),
  end: (stage) => setClock(stage, clock(), 0),
  serves: 'all',
  hurts: false,
})

/** Sets the clock, and waits until the service goes by it. */
export async function setClock({ stranger }: Stage, clock: FakedClock, seconds: number) {
  await clock.set(seconds)
  const offset = async () => {
    const { headers } = await stranger('GET', '/api')
    return Date.parse(headers.get('date') ?? '') / 1000 - Date.now() / 1000
  }
  await eventually(offset, (found) => Math.abs(found - seconds) < 60)
}
