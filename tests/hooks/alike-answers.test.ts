import { describe, expect, test } from 'bun:test'
import { alikeAnswers } from '../../src/hooks/alike-answers.ts'

const fixed = { 'x-frame-options': 'DENY', 'content-type': 'application/json' }

/** What each answer of a route must have, whatever the ones before it had. */
const sequences: Record<string, readonly Record<string, string | number>[]> = {
  'the same each time': [fixed, fixed, fixed, fixed],
  'one that differs each time': [1, 2, 3, 4].map((id) => ({
    ...fixed,
    'x-request-id': `id-${id}`,
  })),
  'one that is the same for a while': ['9', '9', '9', '8', '8', '8'].map((left) => ({
    ...fixed,
    'x-ratelimit-remaining': left,
  })),
  'one that is gone again': [
    { ...fixed, 'x-once': 'a' },
    { ...fixed, 'x-once': 'a' },
    fixed,
    fixed,
    { ...fixed, 'x-once': 'a' },
  ],
  'one that comes later': [fixed, fixed, { ...fixed, vary: 'Origin' }, fixed],
  'another in the place of one': [
    { ...fixed, 'x-one': '1' },
    { ...fixed, 'x-one': '1' },
    { ...fixed, 'x-other': '2' },
    { ...fixed, 'x-one': '1' },
  ],
  'none at all, then some': [{}, {}, fixed, fixed, {}],
  'a number': [
    { ...fixed, 'retry-after': 7 },
    { ...fixed, 'retry-after': 7 },
    { ...fixed, 'retry-after': 8 },
  ],
}

/** The headers of answers, one after the other. */
function headersMaker() {
  const answer = alikeAnswers()
  return (route: string, headers: Readonly<Record<string, unknown>>) =>
    answer(route, null, { status: 200, headers })?.headers
}

describe('alikeAnswers()', () => {
  for (const [what, answers] of Object.entries(sequences))
    test(`gives each answer what was set for it, and nothing else: ${what}`, () => {
      const headersOf = headersMaker()
      const made = [...answers, ...answers].map((set) => headersOf('/a', set))
      expect(made.map((headers) => Object.fromEntries(headers ?? []))).toEqual(
        [...answers, ...answers].map((set) =>
          Object.fromEntries(Object.entries(set).map(([name, value]) => [name, String(value)])),
        ),
      )
    })

  test('leaves names in other letters to Elysia, whatever came before', () => {
    const headersOf = headersMaker()
    const capital = { ...fixed, 'X-Once': '1' }
    expect(headersOf('/a', capital)).toBeUndefined()
    headersOf('/a', fixed)
    for (let turn = 0; turn < 3; turn++) {
      expect(headersOf('/a', capital)).toBeUndefined()
      expect(headersOf('/a', fixed)?.has('x-once')).toBeFalse()
    }
  })

  test('keeps what one answer is given out of the next', () => {
    const headersOf = headersMaker()
    for (let turn = 0; turn < 5; turn++) {
      const headers = headersOf('/a', fixed)
      expect(headers?.has('x-mine')).toBeFalse()
      headers?.set('x-mine', 'only here')
    }
  })

  test('takes no field that is set to nothing for one of the template', () => {
    const headersOf = headersMaker()
    headersOf('/a', fixed)
    headersOf('/a', fixed)
    const { 'x-frame-options': _, ...others } = fixed
    expect(headersOf('/a', { ...others, 'x-nothing': undefined })).toBeUndefined()
  })

  test('knows routes apart', () => {
    const headersOf = headersMaker()
    for (let turn = 0; turn < 4; turn++)
      for (const route of ['/a', '/b'])
        expect(headersOf(route, { ...fixed, 'x-route': route })?.get('x-route')).toBe(route)
  })

  test('leaves a list of cookies to Elysia, also after plain answers', () => {
    const headersOf = headersMaker()
    headersOf('/a', fixed)
    headersOf('/a', fixed)
    expect(headersOf('/a', { ...fixed, 'set-cookie': ['a=1', 'b=2'] })).toBeUndefined()
    expect(headersOf('/b', { 'set-cookie': ['a=1'] })).toBeUndefined()
  })
})
