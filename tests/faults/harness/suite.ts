/** One stage, several faults, one account at the end. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { witness } from '../../support/crash/verdict.ts'
import { endure, type Fault, print } from './fault.ts'
import { settle } from './ledger.ts'
import type { Acknowledged } from './load.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

/** Milliseconds for one test: two recoveries, and all that may be waited for. */
const patience = 240_000

/** Faults that happen to one service, one after the other. */
export interface Suite {
  /** Each with the milliseconds for which it lasts. */
  readonly faults: readonly (readonly [fault: Fault, lasts: number])[]
  /** Makes what the service needs beside. @default nothing */
  readonly options?: () => Promise<StageOptions>
}

/**
 * Registers a test for each fault, and one for what they left.
 *
 * @returns what gives the service, for tests after these
 */
export function faultSuite({ faults, options = async () => ({}) }: Suite): () => Stage {
  let stage: Stage
  const promises: Acknowledged[] = []
  beforeAll(async () => {
    stage = await openStage(await options())
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
