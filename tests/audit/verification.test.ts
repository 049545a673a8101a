/** Having the trail checked over the API: by how many, how often, and who is told what. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { verifications, verificationView } from '../../src/audit/reading/verification.ts'
import { handClock } from '../auth/support.ts'
import { openTrail } from './trail-house.ts'

setDefaultTimeout(60_000)

let house: Awaited<ReturnType<typeof openTrail>>
beforeAll(async () => {
  house = await openTrail()
})
afterAll(() => house.home.close())

test('many who ask at once wait for one check, and for a minute after it its result is told again', async () => {
  const monotonic = handClock()
  let checks = 0
  const { latest } = verifications({
    verify: () => {
      checks += 1
      return house.verify()
    },
    now: Date.now,
    monotonic,
  })
  const [one, another] = await Promise.all([latest(), latest()])
  expect([checks, one === another]).toEqual([1, true])
  monotonic.advance(59_999)
  expect(await latest()).toBe(one)
  monotonic.advance(1)
  expect(await latest()).not.toBe(one)
  expect(checks).toBe(2)
})

test('a check that fails is told to those who waited for it, and the next one is made anew', async () => {
  let fails = true
  const { latest } = verifications({
    verify: () => (fails ? Promise.reject(new Error('gone')) : house.verify()),
    now: Date.now,
  })
  await Promise.all([
    expect(latest()).rejects.toThrow('gone'),
    expect(latest()).rejects.toThrow('gone'),
  ])
  fails = false
  expect((await latest()).report.intact).toBe(true)
})

test('a row that was changed is named to the platform; others are told that the trail is not intact', async () => {
  await house.record(3)
  await house.seal()
  await house.query('alter table audit_logs disable trigger all')
  const partition = `audit_logs_${new Date().toISOString().slice(0, 7).replace('-', '_')}`
  await house.query(`alter table ${partition} disable trigger all`)
  const [row] = await house.query(
    `update ${partition} set outcome = 'denied' where id = (select min(id::text)::uuid from ${partition}) returning id`,
  )
  const verified = await verifications({ verify: () => house.verify(), now: Date.now }).latest()
  const keys = new Map([['key', new Uint8Array(32)]])
  const told = verificationView(verified, keys, true)
  expect(told.intact).toBe(false)
  expect(told.platform?.findings.map(({ rowId }) => rowId)).toContain(String(row?.['id']))
  expect(verificationView(verified, keys, false)).toEqual({ ...told, platform: null })
  expect(told.keys).toEqual([{ keyId: 'key', publicKey: 'A'.repeat(43) }])
})
