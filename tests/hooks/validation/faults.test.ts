import { expect, test } from 'bun:test'
import { type } from 'arktype'
import { Elysia } from 'elysia'
import { bodyLimit } from '../../../src/hooks/body-limit/index.ts'
import { problemDetails } from '../../../src/hooks/problem-details/index.ts'
import {
  accepts,
  email,
  integerText,
  maxFaults,
  plainQuery,
  safeText,
  uuid,
} from '../../../src/hooks/validation/index.ts'

const note = safeText({ max: 100 })
const body = accepts(
  'body',
  type({ '+': 'reject', email, 'notes?': note.or('null'), 'list?': type({ note }).array() }),
)
const app = new Elysia()
  .use(bodyLimit({ limit: 1_000_000 }))
  .use(plainQuery())
  .use(problemDetails())
  .post('/all/:id', () => 'fine', {
    params: accepts('params', type({ id: uuid })),
    query: accepts('query', type({ '+': 'reject', 'limit?': integerText(1, 100) })),
    body,
  })
  .post('/body', () => 'fine', { body })
  .post('/none', () => 'fine')

async function faultsOf(path: string, body: unknown) {
  const response = await app.handle(
    new Request(`http://localhost${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  )
  expect(response.status).toBe(422)
  const text = await response.text()
  expect(text).not.toContain('canary')
  const { errors, detail } = JSON.parse(text) as {
    detail: string
    errors: { path: string; code: string }[]
  }
  expect(detail).toStartWith(`${errors.length} field`)
  return errors.map(({ path, code }) => `${path} ${code}`)
}

test('the faults of path, query and body come in one answer', async () => {
  expect(
    await faultsOf('/all/canary?limit=canary&canary=1', { email: 'canary', canary: 1 }),
  ).toEqual([
    'params.id uuid',
    'query unknown',
    'query.limit integer',
    'body.email email',
    'body unknown',
  ])
})

test('so do those of a query and a body where the path is right', async () => {
  const path = '/all/01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00?limit=0'
  expect(await faultsOf(path, {})).toEqual(['query.limit integer', 'body.email required'])
})

test('so do those that no schema would find', async () => {
  const text = '{"email": "canary", "notes": "\\u0000", "constructor": 9007199254740993}'
  expect(await faultsOf('/all/canary?limit=%ZZ', text)).toEqual([
    'params.id uuid',
    'query.limit encoding',
    'body.notes nul',
    'body forbidden_name',
    'body unsafe_number',
    'body.email email',
    'body unknown',
  ])
})

test('a query that no schema speaks for is told of beside a body that one does', async () => {
  expect(await faultsOf('/body?__proto__=1', {})).toEqual([
    'query forbidden_name',
    'body.email required',
  ])
})

test('a place is named as far as the schema knows it', async () => {
  const text = `{"email": "a@b.co", "list": [{"note": "\\u0000"}, {"canary": {"canary": ["\\u0000"]}}]}`
  expect(await faultsOf('/body', text)).toEqual([
    'body.list.0.note nul',
    'body.list.1 nul',
    'body.list.1.note required',
  ])
})

test('a body that no schema speaks for is refused all the same, by no name of its own', async () => {
  expect(await faultsOf('/none', '{"canary": {"canary": "\\u0000"}}')).toEqual(['body nul'])
  expect(await faultsOf('/none?__proto__=1', '["\\ud800"]')).toEqual([
    'query forbidden_name',
    'body half_character',
  ])
})

test(`an answer lists ${maxFaults} faults at most`, async () => {
  const list = Array.from({ length: 400 }, () => ({ note: 7 }))
  for (const path of ['/body', '/all/canary'])
    expect(await faultsOf(path, { email: 'a@b.co', list })).toHaveLength(maxFaults)
})
