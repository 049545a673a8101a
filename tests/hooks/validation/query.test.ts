import { describe, expect, test } from 'bun:test'
import { type } from 'arktype'
import { Elysia } from 'elysia'
import { problemDetails } from '../../../src/hooks/problem-details/index.ts'
import {
  accepts,
  listQuery,
  maxParameters,
  oneOf,
  plainQuery,
} from '../../../src/hooks/validation/index.ts'

const query = accepts(
  'query',
  type({
    '...': listQuery,
    '+': 'reject',
    'status?': oneOf('busy', 'failed'),
    'q?': 'string',
    'tag?': 'string | string[]',
  }),
)
const app = new Elysia()
  .use(plainQuery({ except: ['/raw'] }))
  .use(problemDetails())
  .get('/list', ({ query }) => query, { query })
  .get('/none', () => 'fine')
  .get('/raw', ({ request }) => request.url)

const ask = (path: string) => app.handle(new Request(`http://localhost${path}`))
const faultsOf = async (path: string) => {
  const response = await ask(path)
  expect(response.status).toBe(422)
  const { errors } = (await response.json()) as { errors: { path: string; code: string }[] }
  return errors.map(({ path, code }) => `${path} ${code}`)
}

describe('a query', () => {
  test.each([
    ['', {}],
    ['?', {}],
    ['?&&', {}],
    ['?q=', { q: '' }],
    ['?q', { q: '' }],
    ['?q=a=b', { q: 'a=b' }],
    ['?q=a+b%2Bc', { q: 'a b+c' }],
    ['?q=%C3%A9', { q: 'é' }],
    ['?%71=x', { q: 'x' }],
    // Elysia itself would make lists and objects of these.
    ['?q=a,b', { q: 'a,b' }],
    ['?q=[1]', { q: '[1]' }],
    ['?q={"a":1}', { q: '{"a":1}' }],
    ['?tag=a', { tag: 'a' }],
    ['?tag=a&tag=b&tag=', { tag: ['a', 'b', ''] }],
  ])('%s is what it says', async (text, expected) => {
    expect(await (await ask(`/list${text}`)).json()).toEqual({ limit: 20, ...expected })
  })

  test.each([
    ['a parameter that is not known', '?nonsense=1', ['query unknown']],
    ['a parameter twice', '?q=1&q=1', ['query.q repeated']],
    ['a word that is not listed', '?status=odd', ['query.status choice']],
    ['an escape that is none', '?q=%ZZ', ['query.q encoding']],
    ['an escape that is cut off', '?q=%4', ['query.q encoding']],
    ['an escape that is no UTF-8', '?q=%FF', ['query.q encoding']],
    ['U+0000', '?q=a%00b', ['query.q nul']],
    ['a name that is not encoded', '?%ZZ=1', ['query encoding']],
    ['a name with U+0000', '?q%00=1', ['query nul', 'query unknown']],
    ['__proto__', '?__proto__=1', ['query forbidden_name', 'query unknown']],
    ['an encoded constructor', '?con%73tructor=1', ['query forbidden_name', 'query unknown']],
    ['prototype in brackets', '?q[prototype][x]=1', ['query forbidden_name', 'query unknown']],
    [
      'everything at once',
      '?limit=0&q=%00&status=%C3&x=1',
      ['query.q nul', 'query.status encoding', 'query unknown', 'query.limit integer'],
    ],
    [
      'too many parameters, for that alone',
      `?${'q=1&'.repeat(maxParameters + 1)}`,
      ['query too_many'],
    ],
  ])('with %s is refused', async (_, text, expected) => {
    expect((await faultsOf(`/list${text}`)).sort()).toEqual([...expected].sort())
  })

  test('of a route that takes none is refused for what must stand nowhere, else ignored', async () => {
    expect(await faultsOf('/none?__proto__=1&constructor=2')).toEqual(['query forbidden_name'])
    expect(await faultsOf('/none?x=%00')).toEqual(['query nul'])
    expect(await (await ask('/none?x=1&x=2')).text()).toBe('fine')
  })

  test('of a route that is left alone reaches it as it was sent', async () => {
    expect(await (await ask('/raw?__proto__=%ZZ&x=%00')).text()).toEndWith('?__proto__=%ZZ&x=%00')
  })
})
