import { isObject, type Json } from './json.ts'
import type { SchemaBook } from './schemas.ts'

/** What means the same in every query, where all is text: a limit is meant as a number. */
const ofQueries: Readonly<Record<string, Json>> = {
  limit: {
    description: 'Entries at most',
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  },
  cursor: {
    description: '`nextCursor` of the page before, for the same filters',
    schema: { type: 'string', minLength: 1, maxLength: 1024 },
  },
  from: { description: 'Since when: an ISO 8601 date, or a time with its offset' },
  to: { description: 'Until before when: an ISO 8601 date, or a time with its offset' },
}

/** A parameter as the document shows it. */
export function tidyParameter(parameter: unknown, book: SchemaBook): unknown {
  if (!isObject(parameter)) return parameter
  const { examples: _, ...rest } = parameter
  const name = String(rest['name'])
  const { schema } = rest
  return {
    ...rest,
    ...(isObject(schema) && { schema: book.enter(schema) }),
    ...(rest['in'] === 'query' && Object.hasOwn(ofQueries, name) && ofQueries[name]),
  }
}
