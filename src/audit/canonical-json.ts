/**
 * The one text of a JSON value, by the JSON Canonicalization Scheme (RFC 8785): members in the order
 * of their names' UTF-16 code units, no white space, numbers as ECMAScript writes them. PostgreSQL
 * keeps a `jsonb` in an order and with digits of its own; what is read back gives the same text.
 *
 * Members that are `undefined` are left out, as `JSON.stringify` leaves them out.
 *
 * @param value plain JSON: what `JSON.parse` gives
 * @throws {RangeError} for what JSON has no word for; the message does not repeat it
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value)
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError('JSON has no word for such a number')
      return JSON.stringify(value)
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
      return canonicalObject(value as Readonly<Record<string, unknown>>)
    default:
      throw new RangeError(`JSON has no word for a ${typeof value}`)
  }
}

function canonicalObject(object: Readonly<Record<string, unknown>>): string {
  const members = []
  // The default order of `sort` is that of UTF-16 code units.
  for (const name of Object.keys(object).sort()) {
    const value = object[name]
    if (value !== undefined) members.push(`${JSON.stringify(name)}:${canonicalJson(value)}`)
  }
  return `{${members.join(',')}}`
}
