import { Elysia } from 'elysia'
import { MalformedRequestError } from '../../errors.ts'
import { answersProblems, refusal } from '../refusal.ts'
import { InvalidPart, RefusedPart, readJson } from '../validation/index.ts'
import { demandJson } from './media-type.ts'
import { readAnyType } from './other-types.ts'
import { readBody, tooLarge } from './read-body.ts'

export { readBody } from './read-body.ts'

/** Options of {@linkcode bodyLimit}. */
export interface BodyLimitOptions {
  /** Largest body in bytes. @default 1 MiB */
  readonly limit?: number
  /**
   * `json`: every other type is refused with 415. `any`: forms, texts and bytes are read as Elysia
   * does it, within the limit.
   *
   * @default 'json'
   */
  readonly types?: 'json' | 'any'
  /** Templates of routes that read their own body, with {@linkcode readBody}: of any media type. */
  readonly raw?: readonly string[]
}

/**
 * Bounds request bodies, declared and chunked, and reads them as JSON in strict UTF-8, uncompressed.
 * The body of a GET or HEAD means nothing and is not read; that of a DELETE is held to the same
 * rules as any other.
 * Stage: request (a declared length is judged before a byte of it is read), then parse; what parses
 * and must not be used is refused with validation, and before the handler of a route without.
 *
 * The server's own limit must stand above this one: it answers by itself, without a problem body.
 *
 * @throws {MalformedRequestError} (400) where the declared length is no number, or told twice
 * @throws {PayloadTooLargeError} (413) where it is above the limit
 */
export function bodyLimit(options: BodyLimitOptions = {}) {
  const { limit = 1_048_576, types = 'json', raw = [] } = options
  if (!(Number.isSafeInteger(limit) && limit > 0))
    throw new RangeError(`limit must be whole bytes from 1 up, got ${limit}`)
  const rawRoutes = new Set(raw)
  return new Elysia({ name: 'caly/body-limit', seed: [limit, raw, types] })
    .onRequest((context) => {
      const isAnswered = answersProblems in context
      const declared = context.request.headers.get('content-length')
      if (declared === null) return
      // Bun passes the same length in two lines on as `2, 2` (RFC 9110 §8.6 lets it be refused).
      if (!/^\d+$/.test(declared))
        throw refusal(
          new MalformedRequestError('The request must say the length of its body once, in digits'),
          isAnswered,
        )
      if (Number(declared) > limit) throw refusal(tooLarge(limit), isAnswered)
    })
    .onParse({ as: 'global' }, async ({ request, route }) => {
      // Anything but undefined keeps Elysia's own parsers away.
      if (rawRoutes.has(route)) return null
      const body = await readBody(request, limit)
      if (body.byteLength === 0) return null
      if (types === 'any') return readAnyType(body, request.headers)
      demandJson(request.headers)
      return readJson(body)
    })
    .onBeforeHandle({ as: 'global' }, ({ body }: { readonly body: unknown }) => {
      if (body instanceof RefusedPart) throw InvalidPart.of(body)
    })
}
