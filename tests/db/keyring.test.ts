/** Keys, sealed fields and blind indexes. */
import { expect, test } from 'bun:test'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blindIndex } from '../../db/blind-index.ts'
import { fieldCipher, SealedFieldError } from '../../db/field-cipher.ts'
import { createKeyring, loadDevelopmentKey } from '../../db/keyring.ts'

const first = '11'.repeat(32)
const second = 'ab'.repeat(32)
const place = { table: 'calls', id: '0193', column: 'sealed' }

test('every replica derives the same keys, and each label its own', () => {
  const [ours] = createKeyring([first]).keys('access-token')
  const [theirs] = createKeyring([first]).keys('access-token')
  const [other] = createKeyring([first]).keys('webhook-secret')
  expect(ours).toEqual(theirs)
  expect(ours.key).toHaveLength(32)
  expect(ours.id).toMatch(/^[0-9a-f]{8}$/)
  expect(other.id).toBe(ours.id)
  expect(other.key).not.toEqual(ours.key)
})

test('a ring names its current key first, and a key that is none is refused without being repeated', () => {
  const keys = createKeyring([second, first]).keys('x')
  expect(keys[0]).toEqual(createKeyring([second]).keys('x')[0])
  expect(keys[1]).toEqual(createKeyring([first]).keys('x')[0])
  expect(() => createKeyring([])).toThrow(RangeError)
  const thrown = () => createKeyring(['canary-key'])
  expect(thrown).toThrow('A key is 64 hex digits')
})

test('a sealed text opens to itself, and twice sealed looks different', () => {
  const cipher = fieldCipher(createKeyring([first]))
  for (const text of ['', '{"to":"+919876543210"}', 'ü🎉'.repeat(1000)])
    expect(cipher.open(cipher.seal(text, place), place)).toBe(text)
  expect(cipher.seal('same', place)).not.toEqual(cipher.seal('same', place))
  expect(Buffer.from(cipher.seal('+919876543210', place)).includes('9876543210')).toBe(false)
})

test('a change of any bit of a sealed text is noticed', () => {
  const cipher = fieldCipher(createKeyring([first]))
  const blob = cipher.seal('{"to":"+919876543210"}', place)
  for (let bit = 0; bit < blob.length * 8; bit++) {
    const altered = Uint8Array.from(blob)
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => cipher.open(altered, place)).toThrow(SealedFieldError)
  }
  for (const length of [0, 1, 16, blob.length - 1])
    expect(() => cipher.open(blob.subarray(0, length), place)).toThrow(SealedFieldError)
})

test('a sealed text opens in no other row, table or column', () => {
  const cipher = fieldCipher(createKeyring([first]))
  const blob = cipher.seal('secret', place)
  for (const other of [{ table: 'webhook_events' }, { id: '0194' }, { column: 'notes' }])
    expect(() => cipher.open(blob, { ...place, ...other })).toThrow('altered')
})

test('after a rotation the old is still read, the new is sealed by the new key, and a dropped key is named so', () => {
  const old = fieldCipher(createKeyring([first]))
  const both = fieldCipher(createKeyring([second, first]))
  const fresh = fieldCipher(createKeyring([second]))
  const blob = old.seal('secret', place)
  expect(both.open(blob, place)).toBe('secret')
  expect(both.isCurrent(blob)).toBe(false)
  const anew = both.seal('secret', place)
  expect(both.isCurrent(anew)).toBe(true)
  expect(fresh.open(anew, place)).toBe('secret')
  expect(() => fresh.open(blob, place)).toThrow('unknown key')
})

test('a blind index finds equal values, under every live key, and differs by label', () => {
  const old = blindIndex(createKeyring([first]), 'phone-number')
  const both = blindIndex(createKeyring([second, first]), 'phone-number')
  const other = blindIndex(createKeyring([first]), 'e-mail')
  const number = '+919876543210'
  expect(old.current(number)).toEqual(old.current(number))
  expect(old.current(number)).toHaveLength(32)
  expect(old.current(number)).not.toEqual(old.current('+919876543211'))
  expect(other.current(number)).not.toEqual(old.current(number))
  expect(both.all(number)[0]).toEqual(both.current(number))
  expect(both.all(number)[1]).toEqual(old.current(number))
})

test('starts that race for the development key get the same one, in a file of mode 0600', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'caly-key-'))
  try {
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadDevelopmentKey(folder)))
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
    const path = join(folder, 'encryption.key')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await readFile(path, 'utf8')).trim()).toBe(keys[0] ?? '')
    expect(await loadDevelopmentKey(folder)).toBe(keys[0] ?? '')
    await writeFile(path, 'not a key')
    expect(loadDevelopmentKey(folder)).rejects.toThrow('does not hold 64 hex digits')
  } finally {
    await rm(folder, { recursive: true })
  }
})
