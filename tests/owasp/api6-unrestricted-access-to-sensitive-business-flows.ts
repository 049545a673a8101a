/** API6:2023. The flows that cost money or let somebody in, run by a program instead of a person. */
import { describe, expect, test } from 'bun:test'
import { password } from '../security/matrix.ts'
import type { Answer } from '../support/client.ts'
import { apiLimit, type Exposed } from './exposed.ts'

const call = { from: '+912233445566', to: '+919876500042' }

const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status)
const count = (answers: readonly Answer[], status: number) =>
  statusesOf(answers).filter((one) => one === status).length

/** Registers its attempts. */
export function businessFlows(stage: Exposed): void {
  const { admin, from, newAddress } = stage
  const asAdmin = from(admin.address, admin.token)

  /** An admin of their own for each test: their quota is used up. */
  async function newAdmin(name: string) {
    const email = `${name}@caly.example`
    const body = { email, name, role: 'admin', password }
    const made = await asAdmin('POST', '/api/users', body)
    const session = await from()('POST', '/api/auth/login', { email, password })
    return { id: made.body.id as string, token: session.body.accessToken as string }
  }

  /** One for the orders below, which are few. */
  const caller = newAdmin('caller')

  describe('API6:2023 Unrestricted Access to Sensitive Business Flows', () => {
    test('calls placed in bulk stop at the quota of the person, whatever keys, sessions and addresses are used', async () => {
      const dialer = await newAdmin('dialer')
      const ask = from(undefined, dialer.token)
      const keys = await Promise.all(
        ['one', 'two', 'three'].map((name) =>
          ask('POST', '/api/keys', { name, scopes: ['calls:write', 'keys:write'] }),
        ),
      )
      // A key that a key has made counts as its maker, too.
      const [first] = keys.map(({ body }) => String(body.key))
      const child = await from(undefined, first)('POST', '/api/keys', {
        name: 'child',
        scopes: ['calls:write'],
      })
      const tokens = [dialer.token, child.body.key, ...keys.map(({ body }) => body.key)]
      const answers: Answer[] = []
      for (let round = 0; round < 4; round += 1)
        answers.push(
          ...(await Promise.all(
            Array.from({ length: 20 }, (_, i) =>
              from(newAddress(), tokens[i % tokens.length])('POST', '/api/calls', call),
            ),
          )),
        )
      // Four were spent on the keys.
      expect(count(answers, 202)).toBe(apiLimit - 4)
      expect(count(answers, 429)).toBe(answers.length - count(answers, 202))
      const { body: trail } = await asAdmin(
        'GET',
        `/api/audit?eventType=RATE_LIMIT_EXCEEDED&limit=100`,
      )
      const told = trail.items.some(({ actorId }: { actorId: string }) => actorId === dialer.id)
      expect(told).toBe(true)
    })

    test('an order that is sent twenty times at once is one call, and another order under its key is none', async () => {
      const key = { 'idempotency-key': 'order-4711' }
      const { token } = await caller
      const place = (body: object) => from(undefined, token)('POST', '/api/calls', body, key)
      const answers = await Promise.all(Array.from({ length: 20 }, () => place(call)))
      const placed = answers.filter(({ status }) => status === 202)
      expect(new Set(placed.map(({ body }) => body.id)).size).toBe(1)
      expect(new Set(statusesOf(answers)).difference(new Set([202, 409])).size).toBe(0)
      const other = await place({ ...call, to: '+919876500043' })
      expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH'])
    })

    test('no order rings what is no subscriber: short codes, emergency numbers, lists, addresses, other people’s caller ids', async () => {
      const ask = from(undefined, (await caller).token)
      const bad = [
        ...[
          '112',
          '911',
          '+91112',
          '100',
          '*123#',
          '+919876500042,+919876500043',
          '+919876500042;postd=1',
        ],
        ...[
          'sip:someone@evil.example',
          'tel:+919876500042',
          '+919876500042\n+919876500043',
          '09876500042',
          '',
        ],
      ]
      for (const number of bad)
        for (const body of [
          { ...call, to: number },
          { ...call, from: number },
        ])
          expect([number, (await ask('POST', '/api/calls', body)).status]).toEqual([number, 422])
      const named = { ...call, callerId: '+918047112345' }
      expect((await ask('POST', '/api/calls', named)).status).toBe(422)
    })

    test('nobody opens an account by themselves, or asks for a password to be sent', async () => {
      const flows = [
        'register',
        'signup',
        'forgot',
        'reset',
        'invite',
        'verify',
        'magic-link',
        'otp',
      ]
      const stranger = from()
      for (const flow of flows)
        for (const path of [`/api/auth/${flow}`, `/api/users/${flow}`, `/api/${flow}`])
          expect([
            path,
            [401, 404, 405].includes((await stranger('POST', path, { email: admin.email })).status),
          ]).toEqual([path, true])
      const account = { email: 'me@caly.example', name: 'Me', role: 'admin', password }
      expect((await stranger('POST', '/api/users', account)).status).toBe(401)
    })

    test('logins by a program are slowed more than all else, also where the password is right', async () => {
      const robot = from(newAddress())
      const answers: Answer[] = []
      for (let i = 0; i < 22; i += 1)
        answers.push(await robot('POST', '/api/auth/login', { email: admin.email, password }))
      // A right one counts half.
      expect(count(answers, 200)).toBeLessThanOrEqual(20)
      expect(count(answers, 200) + count(answers, 429)).toBe(answers.length)
      expect(answers.at(-1)?.status).toBe(429)
    })
  })
}
