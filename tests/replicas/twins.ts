import { expect, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { eventually } from '../support/process.ts'
import { type OpenTrio, sum } from './trio.ts'

const call = { from: '+919999900001', to: '+919999900010' }

/** An Idempotency-Key is one call's, wherever it is sent. */
export function twinSuite(trio: OpenTrio): void {
  test('twenty-one requests at once with one key, a third at each replica, place one call', async () => {
    const { replicas, rows } = trio()
    const admin = await trio().admin()
    const { key } = (await admin('POST', '/api/keys', { name: 'twins', scopes })).body
    const [a, b, c] = replicas.map((replica) => clientOf(replica.caly(), key))
    if (!(a && b && c)) throw new Error('Three replicas are needed')
    const clients = [a, b, c]
    const headers = { 'idempotency-key': 'twenty-one-twins' }
    const answers = await Promise.all(
      Array.from({ length: 21 }, (_, index) =>
        (clients[index % clients.length] ?? a)('POST', '/api/calls', call, headers),
      ),
    )
    // Whoever does not wait for the answer is told that there is a twin.
    const told = answers.filter(({ body }) => body.code !== 'IDEMPOTENCY_IN_FLIGHT')
    expect(told.map(({ status }) => status)).toEqual(told.map(() => 202))
    expect(new Set(told.map(({ body }) => body.id)).size).toBe(1)
    const firsts = told.filter(({ headers }) => headers.get('idempotent-replayed') === null)
    expect(firsts).toHaveLength(1)
    const id = String(told[0]?.body.id)
    const count = async (text: string) =>
      sum(await rows.query(`select count(*) as n from ${text} = $1`, [id]))
    expect(sum(await rows.query('select count(*) as n from calls'))).toBe(1)
    const { body } = await eventually(
      () => b('GET', `/api/calls/${id}`),
      ({ body }) => body.status === 'completed',
      20_000,
    )
    expect(body.events.filter(({ source }: { source: string }) => source === 'api')).toHaveLength(1)
    expect(await count('placings where call_id')).toBe(1)
    // Whichever replica is asked later, and whatever for.
    for (const ask of clients) {
      const again = await ask('POST', '/api/calls', call, headers)
      expect([again.status, again.body.id]).toEqual([202, id])
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      const other = await ask('POST', '/api/calls', { ...call, to: '+919999900011' }, headers)
      expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH'])
    }
  })
}

const scopes = ['calls:read', 'calls:write']
