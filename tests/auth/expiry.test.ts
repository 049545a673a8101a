import { afterAll, beforeAll, expect, test } from 'bun:test'
import { tellOfExpiry } from '../../src/auth/keys/expiry.ts'
import { startAuth } from './support.ts'

let auth: Awaited<ReturnType<typeof startAuth>>
beforeAll(async () => {
  auth = await startAuth()
}, 60_000)
afterAll(() => auth.close())

const hour = 3_600_000

test('a key whose time is over is told of once, by whichever replica; one that was revoked is not', async () => {
  const { accessToken: token } = await auth.login('admin@example.com')
  const expiresAt = new Date(auth.now() + hour).toISOString()
  const newKey = async (fields: object = {}) => {
    const body = { name: 'key', scopes: ['calls:read'], ...fields }
    return (await auth.ask('POST', '/api/keys', { token, body })).body.id as string
  }
  const [lasting, expiring, revoked] = [
    await newKey(),
    await newKey({ expiresAt }),
    await newKey({ expiresAt }),
  ]
  await auth.ask('DELETE', `/api/keys/${revoked}`, { token })
  expect(await tellOfExpiry(auth)).toBe(0)
  auth.now.advance(hour)
  const told = await Promise.all([tellOfExpiry(auth), tellOfExpiry(auth), tellOfExpiry(auth)])
  expect(told.toSorted()).toEqual([0, 0, 1])
  expect(await tellOfExpiry(auth)).toBe(0)
  const events = await auth.events('API_KEY_EXPIRED')
  expect(events.map(({ resourceId, details }) => [resourceId, details])).toEqual([
    [expiring, { expiresAt }],
  ])
  expect(events.map(({ resourceId }) => resourceId)).not.toContain(lasting)
})
