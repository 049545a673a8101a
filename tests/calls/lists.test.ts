import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Call, CallPage, CallStats } from '../../src/calls/index.ts'
import { type House, openHouse } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

let house: House
const ids: string[] = []
beforeAll(async () => {
  house = await openHouse()
  for (let index = 0; index < 7; index += 1)
    ids.unshift((await house.place(`+9199999100${index % 2 ? '01' : '10'}`)).id)
  for (const id of ids) await house.ended(id)
})
afterAll(() => house.close())

async function list(query: string, client?: string): Promise<CallPage> {
  const response = await house.request(
    `/api/calls?${query}`,
    client === undefined ? {} : { client },
  )
  expect(response.status).toBe(200)
  return (await response.json()) as CallPage
}

const idsOf = ({ items }: CallPage) => items.map(({ id }) => id)

test('calls are listed newest first, page by page, each once, while others are placed', async () => {
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: CallPage = await list(`limit=3${cursor && `&cursor=${cursor}`}`)
    expect(page.items.length).toBeLessThanOrEqual(3)
    seen.push(...idsOf(page))
    cursor = page.nextCursor
    if (seen.length === 3) await house.place('+919999912345')
  }
  expect(seen).toEqual(ids)
})

test('filters narrow the list', async () => {
  const busy = await list('status=busy')
  expect(busy.items.map(({ status }) => status)).toEqual(['busy', 'busy', 'busy'])
  expect((await list('direction=inbound')).items).toEqual([])
  const { createdAt } = (await house.read(ids[3] ?? '')) as Call
  const at = encodeURIComponent(createdAt)
  expect(idsOf(await list(`to=${at}`))).toEqual(ids.slice(4))
  expect(idsOf(await list(`from=${at}&status=completed&limit=100`))).toContain(ids[2] ?? '')
})

test('a cursor is good for its own filters only', async () => {
  const { nextCursor } = await list('limit=2&status=completed')
  expect(nextCursor).not.toBeNull()
  expect(idsOf(await list(`limit=2&status=completed&cursor=${nextCursor}`))).toHaveLength(2)
  for (const query of [`limit=2&cursor=${nextCursor}`, 'cursor=nonsense']) {
    const response = await house.request(`/api/calls?${query}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ path: 'query.cursor' }] })
  }
})

for (const query of ['limit=0', 'limit=101', 'limit=x', 'status=odd', 'from=yesterday'])
  test(`the query ${query} is refused`, async () => {
    const response = await house.request(`/api/calls?${query}`)
    expect(response.status).toBe(422)
    const { code, errors } = (await response.json()) as { code: string; errors: { path: string }[] }
    expect(code).toBe('VALIDATION_FAILED')
    expect(errors[0]?.path).toBe(`query.${query.split('=')[0]}`)
  })

test('a search finds calls by the number on either side, page by page', async () => {
  const search = async (json: object) => {
    const response = await house.request('/api/calls/search', { method: 'POST', json })
    expect(response.status).toBe(200)
    return (await response.json()) as CallPage
  }
  const number = '+919999910001'
  const first = await search({ number, limit: 2 })
  const rest = await search({ number, limit: 2, cursor: first.nextCursor })
  expect([...idsOf(first), ...idsOf(rest)]).toEqual(ids.filter((_, index) => index % 2 === 1))
  expect(rest.nextCursor).toBeNull()
  expect(idsOf(await search({ number: '+919999900001', limit: 100, status: 'busy' }))).toHaveLength(
    3,
  )
  expect((await search({ number: '+14155550123' })).items).toEqual([])
})

test('another client sees nothing of it: its list is empty, and each call a 404', async () => {
  const client = await house.newClient('other')
  expect((await list('', client)).items).toEqual([])
  const [id] = ids
  for (const [method, path, json] of [
    ['GET', '', undefined],
    ['GET', '/recording', undefined],
    ['PATCH', '', { notes: 'mine' }],
    ['DELETE', '', undefined],
  ] as const) {
    const response = await house.request(`/api/calls/${id}${path}`, { method, json, client })
    expect({ method, status: response.status }).toEqual({ method, status: 404 })
  }
  expect((await house.read(id ?? '')).notes).toBeNull()
})

test('an id that is none is answered 404', async () => {
  expect((await house.request('/api/calls/nothing')).status).toBe(404)
})

test('the figures count by day, status and direction', async () => {
  const response = await house.request('/api/calls/stats')
  expect(response.status).toBe(200)
  const stats = (await response.json()) as CallStats
  expect(stats.byStatus.busy).toBe(3)
  expect(stats.byDirection.outbound).toBe(stats.total)
  expect(stats.byDay.reduce((total, day) => total + day.total, 0)).toBe(stats.total)
  expect(stats.answerRate).toBeGreaterThan(0.5)
  expect(stats.averageDurationSeconds).toBe(0)
  const past = await house.request('/api/calls/stats?from=2020-01-01&to=2020-02-01')
  expect(await past.json()).toMatchObject({ total: 0, answerRate: null, p95DurationSeconds: null })
  for (const query of ['from=2020-01-01&to=2020-01-01', 'from=2020-01-01&to=2024-01-01'])
    expect((await house.request(`/api/calls/stats?${query}`)).status).toBe(422)
})

test('notes and tags are changed, kept and given back', async () => {
  const [id = ''] = ids
  const change = (json: object) => house.request(`/api/calls/${id}`, { method: 'PATCH', json })
  const changed = await change({ notes: 'call back', tags: ['vip', 'x'] })
  expect(changed.status).toBe(200)
  expect(await changed.json()).toMatchObject({ id, notes: 'call back', tags: ['vip', 'x'] })
  await change({ tags: [] })
  expect(await house.read(id)).toMatchObject({ notes: 'call back', tags: [] })
  await change({ notes: null })
  expect((await house.read(id)).notes).toBeNull()
  expect((await change({ status: 'completed' })).status).toBe(422)
})

for (const [what, json, path] of [
  ['a number without its plus sign', { from: '919999900001', to: '+919999900010' }, 'body.from'],
  ['a national number', { from: '+919999900001', to: '09999900010' }, 'body.to'],
  ['a number of no country', { from: '+919999900001', to: '+9999999999' }, 'body.to'],
  ['a number that is too long', { from: '+9199999000012345', to: '+919999900010' }, 'body.from'],
  ['a missing number', { from: '+919999900001' }, 'body.to'],
  ['an unknown field', { from: '+919999900001', to: '+919999900010', url: 'x' }, 'body'],
  [
    'a record that is a word',
    { from: '+919999900001', to: '+919999900010', record: 'yes' },
    'body.record',
  ],
] as const)
  test(`${what} is refused by its place, and not repeated`, async () => {
    const response = await house.request('/api/calls', { method: 'POST', json })
    expect(response.status).toBe(422)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path }] })
    for (const value of Object.values(json)) expect(text).not.toContain(String(value))
  })

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
