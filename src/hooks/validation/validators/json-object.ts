import { type } from 'arktype'
import { isForbiddenName } from '../refused-part.ts'
import { type Rule, spokenAs } from '../rule.ts'

/** Options of {@linkcode jsonObject}. */
export interface JsonObjectOptions {
  /** Levels of objects and arrays, the object itself being the first. @default 4 */
  readonly depth?: number
  /** Fields and items, at all levels together. @default 100 */
  readonly entries?: number
  /** UTF-16 units of all texts and names together. @default 16384 */
  readonly size?: number
}

/**
 * An object of JSON whose fields are the client's own, bounded in depth, number of fields and size.
 * Nothing in it may be named `__proto__`, `constructor` or `prototype`, and no text may have U+0000.
 *
 * Source: OWASP API4:2023 (unrestricted resource consumption); CWE-1321 for the names.
 *
 * @throws {RangeError} if a bound is not a whole number from 1 up
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * const metadata = jsonObject({ depth: 2 })
 * equal(metadata.allows({ order: { id: 4711 } }), true)
 * equal(metadata.allows({ a: { b: { c: 1 } } }), false)
 * ```
 */
export function jsonObject({ depth = 4, entries = 100, size = 16_384 }: JsonObjectOptions = {}) {
  for (const [name, bound] of Object.entries({ depth, entries, size }))
    if (!(Number.isSafeInteger(bound) && bound >= 1))
      throw new RangeError(`${name} must be a whole number from 1 up, got ${bound}`)
  const rule: Rule = {
    code: 'object',
    expected: `an object of at most ${depth} levels, ${entries} fields and items, and ${size} characters`,
  }
  return type('Record<string, unknown>')
    .narrow((object) => fits(object, { depth, entries, size }))
    .configure(spokenAs(rule))
}

/** Level by level, so that depth costs no stack; stops at the first bound that is passed. */
function fits(object: object, bounds: Required<JsonObjectOptions>): boolean {
  let { depth, entries, size } = bounds
  let level: readonly object[] = Array.isArray(object) ? [] : [object]
  if (level.length === 0) return false
  for (; level.length > 0; depth -= 1) {
    if (depth === 0) return false
    const next: object[] = []
    for (const container of level) {
      for (const [name, value] of Object.entries(container)) {
        entries -= 1
        size -= Array.isArray(container) ? 0 : name.length
        if (typeof value === 'string') size -= value.length
        if (entries < 0 || size < 0 || isForbiddenName(name) || name.includes('\0')) return false
        if (typeof value === 'object' && value !== null) next.push(value)
        else if (!isScalar(value)) return false
      }
    }
    level = next
  }
  return true
}

const isScalar = (value: unknown): boolean =>
  value === null ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && !value.includes('\0'))
