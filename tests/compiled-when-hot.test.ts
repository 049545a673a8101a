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
  const values = [
    { from, to: '+919999900010', customField: 'order 4711' },
    { from, to: '09812345678', record: 'yes', more: 1 },
    { customField: 'x'.repeat(1025) },
    [],
    null,
  ]
  const read = compiledWhenHot(newCall)
  const first = values.map((value) => said(compiledWhenHot(newCall)(value)))
  for (let use = 0; use < 200; use += 1) read(values[0])
  expect(values.map((value) => said(read(value)))).toEqual(first)
  expect(first[0]).toEqual(values[0])
  expect(first[1]).toHaveLength(3)
  expect(first[2]).toContainEqual([
    ['customField'],
    'maxLength',
    expect.stringContaining('at most 1024 characters'),
  ])
})
