/** One stage, several faults, one account at the end. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { witness } from '../../support/crash/verdict.ts'
import { endure, type Fault, print } from './fault.ts'
import { settle } from './ledger.ts'
import type { Acknowledged } from './load.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

/** A fault, and for how many milliseconds it lasts. */
export type Lasting = readonly [fault: Fault, lasts: number]

/** Milliseconds for one test: two recoveries, and all that may be waited for. */
const patience = 120_000

/**
 * Registers a test for each fault, all of them on one service, and one for what they left.
 *
 * @returns what gives the service, for tests after these
 */
export function faultSuite(
  faults: readonly Lasting[],
  options: StageOptions | (() => Promise<StageOptions>) = {},
): () => Stage {
  let stage: Stage
  const promises: Acknowledged[] = []
  beforeAll(async () => {
    stage = await openStage(typeof options === 'function' ? await options() : options)
    await witness(stage.rows)
  }, patience)
  afterAll(() => stage.close(), patience)

  for (const [fault, lasts] of faults)
    test(
      `${fault.name}: clients are served or told when to come again, and it is over soon after`,
      async () => {
        const report = await endure(stage, fault, lasts)
        promises.push(report.promised)
        print(report)
        expect(report.broken).toEqual([])
      },
      patience,
    )

  test(
    'each call, message and event that was acknowledged is there once, and has come to its end',
    async () => {
      const { broken, ...figures } = await settle(stage, promises)
      process.stdout.write(`${JSON.stringify(figures)}\n`)
      expect(broken).toEqual([])
    },
    patience,
  )
  return () => stage
}
