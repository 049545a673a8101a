/**
 * Three replicas behind HAProxy, PgBouncer in transaction mode and one Redis are one service. They are
 * started once: the order of the suites is that in which they leave each other what they need.
 */
import { afterAll, beforeAll, describe } from 'bun:test'
import { witness } from '../support/crash/verdict.ts'
import { booksSuite, comingsSuite } from './comings.ts'
import { afterlifeSuite, deathSuite, silent } from './death.ts'
import { limitSuite, tight } from './limits.ts'
import { sealSuite } from './seals.ts'
import { signInSuite } from './sign-ins.ts'
import { startSuite } from './start.ts'
import { openTrio, type Trio } from './trio.ts'
import { twinSuite } from './twins.ts'
import { withoutRedisSuite } from './without-redis.ts'

let opened: Trio | undefined
beforeAll(async () => {
  opened = await openTrio()
  await witness(opened.rows)
}, 120_000)
afterAll(async () => {
  await opened?.close()
}, 60_000)

const trio = (): Trio => {
  if (opened === undefined) throw new Error('The replicas did not start')
  return opened
}

describe('a start', () => startSuite(trio))
describe('idempotency', () => twinSuite(trio))
describe('comings and goings', () => comingsSuite(trio))
// While calls whose simulator died wait to be asked about.
describe('sessions and keys', () => signInSuite(trio))
describe('calls', () => booksSuite(trio))
describe('without Redis', () => {
  beforeAll(() => trio().restart({ ...tight, REDIS_URL: '' }), 60_000)
  withoutRedisSuite(trio)
})
describe('death with calls in hand', () => {
  beforeAll(() => trio().restart({ ...silent, ...tight }), 60_000)
  deathSuite(trio)
})
// While the calls of the dead wait for the others.
describe('limits', () => limitSuite(trio))
describe('the audit trail', () => sealSuite(trio))
describe('calls of the dead', () => afterlifeSuite(trio))
