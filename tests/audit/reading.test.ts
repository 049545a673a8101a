/** Reading the trail, on a real database: filters, pages, exports. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { v7 as uuidv7 } from 'uuid'
import type { AuditEntry } from '../../src/audit/index.ts'
import { csvLine } from '../../src/audit/reading/csv.ts'
import { exportStream } from '../../src/audit/reading/export.ts'
import { type AuditFilters, selectionOf } from '../../src/audit/reading/filters.ts'
import { type AuditReader, auditReader } from '../../src/audit/reading/reader.ts'
import type { AuditEvent } from '../../src/audit/reading/schemas.ts'
import { pageStatement } from '../../src/audit/reading/statement.ts'
import { openTrail } from './trail-house.ts'

setDefaultTimeout(60_000)

let house: Awaited<ReturnType<typeof openTrail>>
let reader: AuditReader
beforeAll(async () => {
  house = await openTrail()
  reader = auditReader(house.client)
})
afterAll(() => house.home.close())

const client = uuidv7()
const other = uuidv7()
const ada = uuidv7()
const bob = uuidv7()
const key = uuidv7()

const by = (actorId: string, clientId = client) =>
  ({ clientId, actorType: 'user', actorId, requestId: `request-of-${actorId}` }) as const

/** Oldest first. */
const events: readonly AuditEntry[] = [
  { event: 'LOGIN_SUCCESS', origin: by(ada), details: {}, resource: { type: 'session', id: key } },
  {
    event: 'LOGIN_FAILURE',
    origin: { clientId: client, actorType: 'anonymous', userAgent: '=cmd|"/c calc"!A1' },
    details: { reason: 'wrong_password' },
    resource: { type: 'user', id: ada },
  },
  {
    event: 'USER_UPDATED',
    origin: by(bob),
    details: { fields: ['name'] },
    resource: { type: 'user', id: ada },
  },
  { event: 'PASSWORD_CHANGED', origin: by(ada), details: {}, resource: { type: 'user', id: ada } },
  {
    event: 'API_KEY_REVOKED',
    origin: by(bob),
    details: {},
    resource: { type: 'api_key', id: key },
  },
  { event: 'TOKEN_REUSE_DETECTED', origin: by(ada), details: {} },
  { event: 'DATA_READ', origin: by(bob), details: { of: 'calls', count: 3 } },
]
const names = events.map(({ event }) => event)

test('each filter gives the events that it says, newest first, of one client alone', async () => {
  for (const entry of events) await house.trail.record(entry)
  await house.trail.record({ event: 'LOGIN_SUCCESS', origin: by(ada, other), details: {} })
  const cases: readonly (readonly [AuditFilters, readonly string[]])[] = [
    [{}, names],
    [{ eventType: 'LOGIN_FAILURE' }, ['LOGIN_FAILURE']],
    [{ eventType: 'LOGIN_*' }, ['LOGIN_SUCCESS', 'LOGIN_FAILURE']],
    [{ severity: 'CRITICAL' }, ['TOKEN_REUSE_DETECTED']],
    [{ severity: 'WARNING', eventType: 'L*' }, ['LOGIN_FAILURE']],
    [{ severity: 'WARNING', eventType: 'DATA_READ' }, []],
    [{ actorId: bob }, ['USER_UPDATED', 'API_KEY_REVOKED', 'DATA_READ']],
    [{ actorId: bob, eventType: 'API_*' }, ['API_KEY_REVOKED']],
    [{ actorId: bob, severity: 'CRITICAL', eventType: 'DATA_*' }, []],
    [{ requestId: `request-of-${ada}`, severity: 'WARNING', resourceType: 'session' }, []],
    [{ resourceType: 'user' }, ['LOGIN_FAILURE', 'USER_UPDATED', 'PASSWORD_CHANGED']],
    [{ resourceType: 'api_key', resourceId: key }, ['API_KEY_REVOKED']],
    [{ resourceId: key }, ['LOGIN_SUCCESS', 'API_KEY_REVOKED']],
    [{ resourceId: key, severity: 'CRITICAL' }, []],
    [
      { requestId: `request-of-${ada}` },
      ['LOGIN_SUCCESS', 'PASSWORD_CHANGED', 'TOKEN_REUSE_DETECTED'],
    ],
    [{ from: '2020-01-01', to: '2100-01-01T00:00:00Z' }, names],
    [{ to: '2020-01-01' }, []],
    [{ from: '2100-01-01' }, []],
  ]
  for (const [filters, expected] of cases) {
    const { items } = await reader.list(client, { limit: 100, ...filters })
    expect([filters, items.map(({ eventType }) => eventType)]).toEqual([
      filters,
      expected.toReversed() as never,
    ])
  }
})

test("a person's own trail is what they did and what was done to them, each once", async () => {
  const subject = { ...selectionOf(client, {}), subjectId: ada }
  const found = (await all(reader.pages(subject))).map(({ eventType }) => eventType)
  expect(found).toEqual(names.slice(0, 4).concat('TOKEN_REUSE_DETECTED'))
})

test('pages hold each event that was there exactly once, while four writers add more', async () => {
  const owner = uuidv7()
  const entry = { event: 'LOGOUT', origin: by(ada, owner), details: {} } as const
  await house.trail.recordWith(
    house.db,
    Array.from({ length: 250 }, () => entry),
  )
  const there = await all(reader.pages(selectionOf(owner, {})))
  const writing = new AbortController()
  const writers = [1, 2, 3, 4].map(async () => {
    while (!writing.signal.aborted) await house.trail.recordWith(house.db, [entry, entry, entry])
  })
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await reader.list(owner, { limit: 7, ...(cursor !== '' && { cursor }) })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  writing.abort()
  await Promise.all(writers)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.slice(-250)).toEqual(there.map(({ id }) => id).toReversed())
})

test('a cursor is of no use for other filters, or for another client', async () => {
  const { nextCursor } = await reader.list(client, { limit: 1 })
  const cursor = String(nextCursor)
  for (const asking of [
    reader.list(client, { limit: 1, severity: 'INFO', cursor }),
    reader.list(other, { limit: 1, cursor }),
    reader.list(client, { limit: 1, cursor: 'bm9uc2Vuc2U' }),
  ])
    await expect(asking).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
})

test('every filter is read by an index that begins with it', async () => {
  await house.query(manyRows)
  await house.query('analyze audit_logs')
  const indexes: Readonly<Record<string, AuditFilters>> = {
    client_id_event_type_created_at: { eventType: 'LOGIN_*' },
    actor_id_created_at: { actorId: ada },
    resource_type_resource_id_created_at: { resourceId: ada },
    request_id: { requestId: 'a-request' },
  }
  const more: AuditFilters[] = [{ severity: 'CRITICAL' }, { resourceType: 'user' }]
  const plan = async (filters: AuditFilters, owner = client) => {
    const selection = selectionOf(owner, filters)
    const { text, values } = pageStatement({ selection, order: 'newest first', limit: 51 })
    const lines = await house.query(`explain ${text}`, values)
    return lines.map((line) => line['QUERY PLAN']).join('\n')
  }
  for (const [index, filters] of Object.entries(indexes)) {
    // Of a client with a handful of rows it would be as good to read them all.
    const owner = index.startsWith('client_id') ? client : mostOf
    const shown = await plan(filters, owner)
    expect([index, shown]).toEqual([index, expect.stringContaining(`_${index}_idx`)])
  }
  // Also of whoever has most of the rows: a type of which there is none is not looked for in all.
  for (const filters of more)
    for (const owner of [client, mostOf]) {
      expect(await plan(filters, owner)).toContain('_client_id_event_type_created_at_idx')
      expect(await plan(filters, owner)).not.toMatch(/audit_logs_\d+_\d+_created_at_idx/)
    }
  for (const filters of [...Object.values(indexes), ...more, {}])
    expect(await plan(filters)).not.toContain(wholeMonth)
})

test("the operators' three queries run as they stand, by an index", async () => {
  const queries = [
    `SELECT * FROM audit_logs WHERE event_type LIKE 'LOGIN_%' ORDER BY created_at DESC LIMIT 50`,
    `SELECT * FROM audit_logs WHERE severity = 'CRITICAL' ORDER BY created_at DESC`,
    `SELECT * FROM audit_logs WHERE client_id = '${client}' ORDER BY created_at DESC`,
  ]
  for (const query of queries) {
    const lines = await house.query(`explain ${query}`)
    expect(JSON.stringify(lines)).not.toContain(wholeMonth)
    expect(await house.query(query)).not.toEqual([])
  }
})

test('an export has every event, oldest first, in both formats', async () => {
  const owner = uuidv7()
  const entry = { event: 'LOGOUT', origin: by(ada, owner), details: {} } as const
  await house.trail.recordWith(
    house.db,
    Array.from({ length: 1203 }, () => entry),
  )
  const selection = selectionOf(owner, {})
  const whole = await all(reader.pages(selection))
  const ndjson = await text(exportStream('ndjson', reader.pages(selection)))
  expect(
    ndjson
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(whole)
  const csv = await text(exportStream('csv', reader.pages(selection)))
  const [head, ...lines] = csv.trimEnd().split('\r\n')
  expect(head).toBe(Object.keys(whole[0] ?? {}).join(','))
  expect(lines.map((line) => line.split(',', 1)[0])).toEqual(whole.map(({ id }) => `"${id}"`))
  expect(whole).toHaveLength(1203)
})

test('an export of nothing is empty, with its head where it is a table', async () => {
  const nothing = selectionOf(uuidv7(), {})
  expect(await text(exportStream('ndjson', reader.pages(nothing)))).toBe('')
  expect(await text(exportStream('csv', reader.pages(nothing)))).toMatch(
    /^id,createdAt,[^\n]*\r\n$/,
  )
})

test('nothing in a table is run by a spreadsheet, and nothing breaks its lines', async () => {
  const csv = await text(exportStream('csv', reader.pages(selectionOf(client, {}))))
  expect(csv).toContain(`,"'=cmd|""/c calc""!A1",`)
  for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '\uff1d', '\uff20'])
    expect(csvLine([`${start}1`])).toMatch(/^"'/)
  expect(csvLine(['a,b', 'c"d', 'e\r\nf', null, 7])).toBe('"a,b","c""d","e\r\nf",,7\r\n')
  // Where the list separator is a semicolon or a tab, the rest would be a cell of its own.
  expect(csvLine(['x;=1+1', 'x\t=1+1'])).toBe('"x;=1+1","x\t=1+1"\r\n')
})

test('an export reads a page when it is asked for one, and none once its reader has left', async () => {
  const owner = uuidv7()
  const entry = { event: 'LOGOUT', origin: by(ada, owner), details: {} } as const
  await house.trail.recordWith(
    house.db,
    Array.from({ length: 1100 }, () => entry),
  )
  let pages = 0
  let ends = 0
  async function* counted() {
    for await (const page of reader.pages(selectionOf(owner, {}))) {
      pages += 1
      yield page
    }
    return undefined
  }
  const onEnd = () => {
    ends += 1
  }
  const reading = exportStream('ndjson', counted(), { onEnd }).getReader()
  expect(pages).toBe(0)
  await reading.read()
  expect([pages, ends]).toEqual([1, 0])
  await reading.cancel()
  expect([pages, ends]).toEqual([1, 1])
  const leaving = new AbortController()
  const left = exportStream('ndjson', counted(), { onEnd, signal: leaving.signal })
  leaving.abort(new Error('The client left'))
  expect(ends).toBe(2)
  await expect(left.getReader().read()).rejects.toThrow('The client left')
  expect([pages, ends]).toEqual([1, 2])
})

/** How a plan says that it reads every row; of the coming months there are none. */
const wholeMonth = `Seq Scan on audit_logs_${new Date().toISOString().slice(0, 7).replace('-', '_')}`

/** The client that has most of {@linkcode manyRows}. */
const mostOf = '00000000-0000-7000-8000-000000000000'

/** 40,000 rows of five clients, most of them of one. */
const manyRows = `
  insert into audit_logs (id, created_at, event_type, severity, outcome, client_id, actor_type,
    actor_id, request_id, resource_type, resource_id, personal_commitment, mac)
  select gen_random_uuid(), now() - n * interval '1 ms', (array['DATA_READ', 'LOGIN_SUCCESS',
    'CALL_QUEUED', 'LOGIN_FAILURE'])[1 + n % 4], 'INFO', 'success',
    case when n % 10 = 0 then md5((n % 4)::text)::uuid else '${mostOf}' end, 'user', md5((n % 500)::text), md5(n::text),
    (array['user', 'call'])[1 + n % 2], md5((n / 7)::text), decode(md5('') || md5(''), 'hex'),
    decode(md5('') || md5('') || '00000000', 'hex')
  from generate_series(1, 40000) n`

async function all(pages: AsyncIterable<readonly AuditEvent[]>): Promise<AuditEvent[]> {
  const found: AuditEvent[] = []
  for await (const page of pages) found.push(...page)
  return found
}

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text()
