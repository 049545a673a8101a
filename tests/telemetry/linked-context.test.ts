/** The chain of values that a request's context is. */
import { expect, test } from 'bun:test'
import { createContextKey } from '@opentelemetry/api'
import { linkedRoot } from '../../telemetry/linked-context.ts'

const [one, other, none] = ['one', 'other', 'none'].map(createContextKey) as [
  symbol,
  symbol,
  symbol,
]

test('a context has its own value for a key, and leaves that of the one it came from', () => {
  const first = linkedRoot.setValue(one, 1)
  const second = first.setValue(other, 2).setValue(one, 3)
  expect([first.getValue(one), first.getValue(other)]).toEqual([1, undefined])
  expect([second.getValue(one), second.getValue(other), second.getValue(none)]).toEqual([
    3,
    2,
    undefined,
  ])
  const without = second.deleteValue(other)
  expect([without.getValue(one), without.getValue(other)]).toEqual([3, undefined])
  expect(without.deleteValue(other)).toBe(without)
  expect(second.getValue(other)).toBe(2)
})

test('one that is handed on for ever keeps what it holds, and no more', () => {
  let context = linkedRoot
  for (let turn = 0; turn < 100_000; turn++) {
    context = context.setValue(turn % 2 === 0 ? one : other, turn)
  }
  expect(context.getValue(one)).toBe(99_998)
  expect(context.getValue(none)).toBeUndefined()
  expect(context.deleteValue(one).deleteValue(other)).toBe(linkedRoot)
})
