import { expect, test } from 'bun:test'
import { type } from 'arktype'
import { ValidationError } from '../../../src/errors.ts'
import { accepts, RefusedPart } from '../../../src/hooks/validation/index.ts'

const schema = accepts('body', type({ '+': 'reject', 'tags?': 'string[]', 'more?': 'unknown' }))
const { validate } = schema['~standard']

function faultsOf(value: unknown) {
  try {
    validate(value)
  } catch (error) {
    if (error instanceof ValidationError) return error.errors
    throw error
  }
  return []
}

const wide = (width: number) =>
  Object.fromEntries(Array.from({ length: width }, (_, index) => [`field${index}`, 1]))
let nested: unknown = 1
for (let depth = 0; depth < 100_000; depth++) nested = [nested]

test('a request with as many fields as it may have is told of those that are not known', () => {
  expect(faultsOf(wide(1000))).toMatchObject([{ path: 'body', code: 'unknown' }])
  expect(faultsOf({ tags: Array(999).fill('vip') })).toEqual([])
})

test.each([[[]], [[{ tags: ['vip'] }]], [['tags']]])(
  'a list where an object is meant is refused for that alone: %j',
  (value) => {
    const fault = { path: 'body', code: 'type', message: 'must be an object' }
    expect(faultsOf(value)).toEqual([fault])
    expect(faultsOf(new RefusedPart('body', [], value))).toEqual([fault])
  },
)

test('a list is taken where one is meant', () => {
  const list = accepts('body', type('string[]'))['~standard']
  expect(list.validate(['vip'])).toEqual({ value: ['vip'] })
})

test.each([
  ['fields', wide(1001)],
  ['items', { tags: Array(1000).fill('vip') }],
  ['fields further down', { more: { deep: wide(999) } }],
  ['levels', { more: nested }],
])('a request with too many %s is refused for that alone', (_, value) => {
  expect(faultsOf(value)).toEqual([
    { path: 'body', code: 'too_many', message: 'must not have more than 1000 fields and items' },
  ])
})
