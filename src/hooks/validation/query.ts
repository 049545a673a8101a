import { Elysia } from 'elysia'
import { InvalidPart } from './invalid-part.ts'
import { maxFaults, maxParameters } from './limits.ts'
import { forbiddenName, nulCharacter, type PlacedFault, RefusedPart } from './refused-part.ts'

/** Options of {@linkcode plainQuery}. */
export interface PlainQueryOptions {
  /** Templates of routes whose query is left alone. @default none */
  readonly except?: readonly string[]
}

/**
 * Reads a query as what it says: each parameter a text, one that stands several times a list of
 * them. Elysia's own reading splits texts at commas and parses those that look like JSON, and lets
 * an escape that is none through.
 * Stage: transform; what has no schema to refuse it is refused before the handler.
 *
 * @example A name that reaches into prototypes is refused on every route
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { Elysia } from 'elysia'
 * const app = new Elysia().use(plainQuery()).get('/', () => 'never')
 * const response = await app.handle(new Request('http://localhost/?constructor=1'))
 * equal(response.status, 422)
 * ```
 */
export function plainQuery({ except = [] }: PlainQueryOptions = {}) {
  const exempt = new Set(except)
  return new Elysia({ name: 'caly/plain-query', seed: except })
    .onTransform({ as: 'global' }, (context) => {
      const start = context.request.url.indexOf('?')
      if (start === -1 || exempt.has(context.route)) return
      // The types know Elysia's reading only; a schema takes the place of either.
      context.query = readQuery(context.request.url.slice(start + 1)) as typeof context.query
    })
    .onBeforeHandle({ as: 'global' }, ({ query }: { readonly query: unknown }) => {
      if (query instanceof RefusedPart) throw InvalidPart.of(query)
    })
}

/**
 * Reads the text after the question mark (`application/x-www-form-urlencoded`). Linear, and no
 * further than the limit of parameters.
 */
export function readQuery(text: string): unknown {
  const faults: PlacedFault[] = []
  const found = (at: readonly string[], fault: Omit<PlacedFault, 'at'>) => {
    if (faults.length < maxFaults) faults.push({ at, ...fault })
  }
  const values: Record<string, string | string[]> = Object.create(null)
  const parameters = text.split('&', maxParameters + 1).filter((parameter) => parameter !== '')
  if (parameters.length > maxParameters) return new RefusedPart('query', [{ at: [], ...tooMany }])
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=')
    const name = decode(equals === -1 ? parameter : parameter.slice(0, equals))
    const value = equals === -1 ? '' : decode(parameter.slice(equals + 1))
    if (name === undefined) {
      found([], notEncoded)
      continue
    }
    if (forbiddenPart.test(name)) found([], forbiddenName)
    if (name.includes('\0')) found([], nulCharacter)
    if (value === undefined) found([name], notEncoded)
    else if (value.includes('\0')) found([name], nulCharacter)
    const before = values[name]
    values[name] = before === undefined ? (value ?? '') : [before, value ?? ''].flat()
  }
  return faults.length === 0 ? values : new RefusedPart('query', faults, values)
}

/** A forbidden name, or one in brackets or after a dot, where others read a path. */
const forbiddenPart = /(?:^|[[\].])(?:__proto__|constructor|prototype)(?:$|[[\].])/

const tooMany = {
  code: 'too_many',
  message: `must not have more than ${maxParameters} parameters`,
} as const
const notEncoded = {
  code: 'encoding',
  message: 'must be UTF-8 in percent-encoding',
} as const

/** What a part of a query says; undefined where an escape is none, or says no UTF-8. */
function decode(part: string): string | undefined {
  const spaced = part.includes('+') ? part.replaceAll('+', ' ') : part
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}
