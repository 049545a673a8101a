import { expect, test } from 'bun:test'
import { type } from 'arktype'
import { ValidationError } from '../../../src/errors.ts'
import { decodeCursor, encodeCursor } from '../../../src/hooks/validation/cursor.ts'

const position = type({ id: 'string.uuid', at: 'number' })
const where = { id: '01890a5d-ac96-774b-bcce-b302099a8057', at: 1 }
const filters = { status: 'busy', direction: undefined, from: '2026-01-01' }
const cursor = encodeCursor(where, filters)

test('a cursor comes back as its position, in whichever order the filters stand', () => {
  expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(decodeCursor(cursor, position, { from: '2026-01-01', status: 'busy' })).toEqual(where)
})

const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const [hash] = JSON.parse(Buffer.from(cursor, 'base64url').toString())

test.each([
  ['of other filters', encodeCursor(where, { status: 'failed' })],
  ['of no filters', encodeCursor(where)],
  ['that is cut', cursor.slice(0, -3)],
  ['that is empty', ''],
  ['that is no base64url', '!!!'],
  ['that is no JSON', 'AAAA'],
  ['that is an object', json({ 0: hash, 1: where })],
  ['with one part more', json([hash, where, 1])],
  ['with another position', json([hash, { id: 'x', at: 1 }])],
  ['with a position that is no object', json([hash, null])],
  ['that is too long', encodeCursor({ ...where, more: 'x'.repeat(2000) }, filters)],
])('a cursor %s is refused, without what it said', (_, given) => {
  const read = () => decodeCursor(given, position, filters, 'body.cursor')
  expect(read).toThrow(ValidationError)
  try {
    read()
  } catch (error) {
    expect((error as ValidationError).errors).toMatchObject([
      { path: 'body.cursor', code: 'cursor' },
    ])
  }
})
