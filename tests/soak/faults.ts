/** Every fault of tests/faults, for longer than CI may wait. */

import { endure, print } from '../faults/harness/fault.ts'
import { settle } from '../faults/harness/ledger.ts'
import type { Acknowledged } from '../faults/harness/load.ts'
import { openStage } from '../faults/harness/stage.ts'
import type { Suite } from '../faults/harness/suite.ts'
import { clocks, databaseBusy, databaseGone, processGoes, surroundings } from '../faults/suites.ts'
import { witness } from '../support/crash/verdict.ts'

/**
 * Has each fault last for so many seconds, and prints its figures.
 *
 * @returns what broke
 */
export async function longFaults(seconds: number): Promise<readonly string[]> {
  const broken: string[] = []
  for (const suite of [databaseGone, databaseBusy, processGoes, surroundings(), clocks()])
    broken.push(...(await last(suite, seconds)))
  return broken
}

async function last({ faults, options }: Suite, seconds: number): Promise<readonly string[]> {
  const stage = await openStage(await options?.())
  try {
    await witness(stage.rows)
    const broken: string[] = []
    const promises: Acknowledged[] = []
    for (const [fault] of faults) {
      const report = await endure(stage, fault, seconds * 1000)
      print(report)
      promises.push(report.promised)
      broken.push(...report.broken.map((line) => `${fault.name}: ${line}`))
    }
    return [...broken, ...(await settle(stage, promises)).broken]
  } finally {
    await stage.close()
  }
}
