import { expect, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { eventually } from '../support/process.ts'
import { askFrom, tally } from './limits.ts'
import type { OpenTrio } from './trio.ts'

/** Without Redis only the counting of requests is each replica's own. */
export function withoutRedisSuite(trio: OpenTrio): void {
  test('without Redis each replica grants the quota for itself: three times as much', async () => {
    const address = '198.51.100.9'
    expect(await tally(330, () => askFrom(trio(), { address }))).toEqual({ 200: 270, 429: 60 })
  })

  test('without Redis a session still ends at all within a second, and one key is still one call', async () => {
    const { replicas } = trio()
    const [a, b, c] = replicas.map((replica) => replica.caly())
    if (!(a && b && c)) throw new Error('Three replicas are needed')
    const { accessToken } = (await clientOf(a)('POST', '/api/auth/login', a.admin)).body
    const call = { from: '+919999900001', to: '+919999900010' }
    const headers = { 'idempotency-key': 'without-redis' }
    const answers = await Promise.all(
      [a, b, c].map((caly) => clientOf(caly, accessToken)('POST', '/api/calls', call, headers)),
    )
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202])
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    await clientOf(b, accessToken)('POST', '/api/auth/logout')
    await eventually(
      () => Promise.all([a, c].map((caly) => clientOf(caly, accessToken)('GET', '/api/auth/me'))),
      (answers) => answers.every(({ status }) => status === 401),
      1000,
    )
  })
}
