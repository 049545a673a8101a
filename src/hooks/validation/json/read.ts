import { MalformedBodyError } from '../../../errors.ts'
import { RefusedPart } from '../refused-part.ts'
import { scanJson } from './scan.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a JSON body. What parses and must not be used (too deep or wide, a name that reaches into
 * prototypes, a number or text that nothing behind can hold) comes as a {@linkcode RefusedPart},
 * so that authentication still goes before validation.
 *
 * @throws {MalformedBodyError} (400) if it is no UTF-8, no JSON, or names a key twice in one object
 *
 * @example A key that stands twice is read by nobody
 * ```ts
 * import { throws } from 'node:assert/strict'
 * throws(() => readJson(new TextEncoder().encode('{"to": 1, "to": 2}')))
 * ```
 */
export function readJson(body: Uint8Array): unknown {
  const text = decode(body)
  const { faults, tooMuch, repeatedKey } = scanJson(text)
  if (tooMuch) return new RefusedPart('body', faults)
  if (repeatedKey) throw new MalformedBodyError('The body names a key twice in one object')
  const value = parse(text)
  return faults.length === 0 ? value : new RefusedPart('body', faults, value)
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body)
  } catch (cause) {
    throw new MalformedBodyError('The body must be UTF-8', { cause })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MalformedBodyError('The body must be JSON', { cause })
  }
}
