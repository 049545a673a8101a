import { expect, test } from 'bun:test'
import { type } from 'arktype'
import { compiledWhenHot } from '../src/compiled-when-hot.ts'
import { newCall } from '../src/hooks/validation/index.ts'

const said = (result: unknown) =>
  result instanceof type.errors
    ? result.map(({ path, code, message }) => [path, code, message])
    : result

test('a schema says the same of a value however often it was used', () => {
  const from = '+919999900001'
  const good = { from, to: '+919999900010', customField: 'order 4711' }
  const values = [
    // First: what is wrong with a union is what the interpreter tells otherwise.
    { customField: 'x'.repeat(1025) },
    { from, to: '09812345678', record: 'yes', more: 1 },
    good,
    [],
    null,
  ]
  const first = values.map((value) => said(compiledWhenHot(newCall)(value)))
  const read = compiledWhenHot(newCall)
  for (let use = 0; use < 200; use += 1) read(good)
  expect(values.map((value) => said(read(value)))).toEqual(first)
  expect(first[0]).toContainEqual([
    ['customField'],
    'maxLength',
    expect.stringContaining('at most 1024 characters'),
  ])
  expect(first[1]).toHaveLength(3)
  expect(first[2]).toEqual(good)
})
