/** API1:2023. Whoever may use a route tries it with what belongs to another client. */
import { describe, expect, test } from 'bun:test'
import { nobodysId, pathWith, type Target } from './surface.ts'
import type { Tenants } from './tenants.ts'

/** An answer of somebody else's, but for what differs with each request. */
const withoutRequestId = ({ requestId: _, ...rest }: Record<string, unknown>) => rest

/** Other ways to write an id, in the hope that it is compared in one and looked up in another. */
const spellings: readonly ((id: string, own: string) => string)[] = [
  (id) => id.toUpperCase(),
  (id) => `%7B${id}%7D`,
  (id) => `urn:uuid:${id}`,
  (id) => id.replaceAll('-', ''),
  (id) => `${id}%20`,
  (id) => `%20${id}`,
  (id) => `${id}%0a`,
  (id) => `${id}%00`,
  (id) => `${id}.json`,
  (id) => `${id};v=1`,
  (id) => `${id}%3Fx`,
  (id) => `${id}%2F`,
  (id, own) => `${own},${id}`,
  (id, own) => `${own}%20${id}`,
  (id, own) => `${own}|${id}`,
  (id, own) => `${own}/../${id}`,
  (id, own) => `${own}%2F..%2F${id}`,
  (id) => `${id}'%20or%20'1'='1`,
  (id) => `${nobodysId}'%20or%20id='${id}`,
  (id) => `%5B%22${id}%22%5D`,
  (id) => `${id.slice(0, 8)}%25`,
  () => '*',
  () => '%25',
  () => '_',
  () => 'all',
  () => '0',
  () => '-1',
  () => 'null',
  () => 'undefined',
]

/** The id's neighbours in the order in which ids are made. */
function neighbours(id: string): string[] {
  const hex = BigInt(`0x${id.replaceAll('-', '')}`)
  return [-2n, -1n, 1n, 2n].map((step) => {
    const text = (hex + step).toString(16).padStart(32, '0')
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  })
}

/** Headers by which other services are told for whom to act. */
const claimed = ['x-client-id', 'x-tenant-id', 'x-account-id', 'x-organization-id', 'x-user-id']

/** Registers its attempts. */
export function objectLevelAuthorization(stage: Tenants): void {
  const { api, ids, mark, others, ownCall } = stage
  const [admin] = others
  const withId = api.targets.filter(({ path }) => path.includes('{id}'))
  const send = (by = admin, target: Target, id: string) =>
    by?.ask(target.method, pathWith(target, id), target.example)

  describe('API1:2023 Broken Object Level Authorization', () => {
    const before = stage.snapshot()

    for (const target of withId)
      test(`${target.route} with any id of another client's is refused to everybody else, as if it were not there`, async () => {
        for (const by of others) {
          const blank = await send(by, target, nobodysId)
          for (const [kind, id] of Object.entries(ids)) {
            const answer = await send(by, target, id)
            // An id of the provider's own is no UUID, which some routes say first.
            const statuses = kind === 'provider' ? [blank?.status, 404, 422] : [blank?.status]
            expect([by.name, kind, statuses.includes(answer?.status)]).toEqual([
              by.name,
              kind,
              true,
            ])
            expect([403, 404, 422]).toContain(answer?.status ?? 0)
            if (kind !== 'provider')
              expect(withoutRequestId(answer?.body)).toEqual(withoutRequestId(blank?.body))
            expect(JSON.stringify(answer?.body)).not.toContain(mark)
          }
        }
      })

    test('who may use a route is told 404, not 403: a refusal would say that the thing is there', async () => {
      const statuses = withId
        .filter(({ path }) => !path.startsWith('/api/scans'))
        .map(async (target) => (await send(admin, target, ids['call'] ?? ''))?.status)
      expect(new Set(await Promise.all(statuses))).toEqual(new Set([404]))
    })

    test("no other spelling of an id reaches another client's", async () => {
      for (const target of withId)
        for (const id of [ids['call'], ids['user'], ids['key']])
          for (const spell of spellings) {
            const path = pathWith(target, spell(id ?? '', ownCall))
            const { status, body } = (await admin?.ask(target.method, path, target.example)) ?? {}
            // `fetch` itself resolves the dots of one: what is asked then is the plain id.
            expect([path, (status ?? 0) >= 400 && (status ?? 0) < 500]).toEqual([path, true])
            expect(JSON.stringify(body)).not.toContain(mark)
          }
    })

    test('the ids before and after a known one are nobody’s, and ids of one moment share only the time', async () => {
      for (const id of [ids['call'], ids['user'], ids['key'], ownCall])
        for (const near of neighbours(id ?? ''))
          for (const target of withId.filter(({ path }) => !path.startsWith('/api/scans')))
            expect((await send(admin, target, near))?.status).toBe(404)
      const call = { from: '+912233445566', to: '+919876500077' }
      const made = await Promise.all(
        Array.from({ length: 8 }, () => admin?.ask('POST', '/api/calls', call)),
      )
      const random = made.map((answer) => BigInt(`0x${answer?.body.id.slice(19).replace('-', '')}`))
      const gaps = random
        .toSorted((a, b) => (a < b ? -1 : 1))
        .map((n, i, all) => n - (all[i - 1] ?? 0n))
      // 42 bits at least are random, behind the time and a counter.
      for (const gap of gaps) expect(gap > 2n ** 24n).toBe(true)
    })

    test("one's own id in the path, and another client's in query, body or header, changes one's own alone", async () => {
      const path = `/api/calls/${ownCall}`
      const id = ids['call'] ?? ''
      const names = ['id', 'callId', 'call_id', 'clientId', 'client_id', 'userId', 'user_id']
      for (const name of names) {
        const seen = await admin?.ask('GET', `${path}?${name}=${id}`)
        if (seen?.status === 200) expect(seen.body.id).toBe(ownCall)
        else expect(seen?.status).toBe(422)
        const change = { notes: 'mine', [name]: id }
        expect((await admin?.ask('PATCH', path, change))?.status).toBe(422)
        const changed = await admin?.ask('PATCH', `${path}?${name}=${id}`, { notes: 'mine' })
        if (changed?.status === 200) expect(changed.body.id).toBe(ownCall)
      }
    })

    test('who says in a header for which client to act sees no more than before', async () => {
      const lists = api.targets.filter(
        ({ method, path }) => method === 'GET' && !path.includes('{'),
      )
      for (const by of others.slice(0, 3))
        for (const { path } of lists) {
          const headers = Object.fromEntries(claimed.map((name) => [name, ids['client'] ?? '']))
          const { body } = await by.ask('GET', path, undefined, headers)
          const text = JSON.stringify(body)
          expect([by.name, path, text.includes(mark)]).toEqual([by.name, path, false])
          for (const id of [ids['call'], ids['user'], ids['key']]) expect(text).not.toContain(id)
        }
    })

    test('after all of it everything is as it was for its owner', async () => {
      expect(await stage.snapshot()).toEqual(await before)
    })
  })
}
