import { expect, test } from 'bun:test'
import { partyOf, possibleNumbers, toE164 } from '../../../src/calls/exotel/numbers.ts'

for (const text of [
  '9876543210',
  '09876543210',
  '919876543210',
  '+919876543210',
  '00919876543210',
  ' 91 98765 43210',
  '+91-98765-43210',
  '(0) 98765.43210',
])
  test(`"${text}" is read as +919876543210`, () => {
    expect(toE164(text)).toBe('+919876543210')
    expect(possibleNumbers(text)[0]).toBe('+919876543210')
  })

for (const [text, number] of [
  // Ten digits that begin like the country's code; a landline with its area's.
  ['9123456789', '+919123456789'],
  ['08047112345', '+918047112345'],
  ['+441632960961', '+441632960961'],
  ['00441632960961', '+441632960961'],
  ['+6591234567', '+6591234567'],
] as const)
  test(`"${text}" is read as ${number}`, () => expect(toE164(text)).toBe(number))

for (const text of [
  '',
  'anonymous',
  'sip:agentone',
  'sip:9876543210@example.com',
  '1800',
  '0',
  '+0987654321',
  '987654321',
  '441632960961',
  '+12345678901234567',
  '٩٨٧٦٥٤٣٢١٠',
  '98765\n43210x',
])
  test(`${JSON.stringify(text)} is no number`, () => expect(toE164(text)).toBeUndefined())

test('a number without its plus sign may be of another country, less likely', () => {
  expect(possibleNumbers('6591234567')).toEqual(['+916591234567', '+6591234567'])
  expect(possibleNumbers('441632960961')).toEqual(['+441632960961'])
  expect(possibleNumbers('09876543210')).toEqual(['+919876543210'])
  expect(possibleNumbers('anonymous')).toEqual([])
})

test('an end of a call is kept as a number, as it was said, or as unknown', () => {
  expect(partyOf('09876543210')).toBe('+919876543210')
  expect(partyOf('sip:agentone')).toBe('sip:agentone')
  expect(partyOf('1800')).toBe('1800')
  expect(partyOf(undefined)).toBe('unknown')
  expect(partyOf('two words')).toBe('unknown')
  expect(partyOf('x'.repeat(129))).toBe('unknown')
})
