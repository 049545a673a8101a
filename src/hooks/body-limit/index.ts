import { Elysia } from 'elysia'
import { InvalidPart, RefusedPart, readJson } from '../validation/index.ts'
import { demandJson } from './media-type.ts'
import { readBody, tooLarge } from './read-body.ts'

export { readBody } from './read-body.ts'

/** Options of {@linkcode bodyLimit}. */
export interface BodyLimitOptions {
  /** Largest body in bytes. */
  readonly limit: number
  /** Templates of routes that read their own body, with {@linkcode readBody}: of any media type. */
  readonly raw?: readonly string[]
}

/**
 * Bounds request bodies, declared and chunked, and reads them as JSON in strict UTF-8, uncompressed.
 * The body of a GET or HEAD means nothing and is not read; that of a DELETE is held to the same
 * rules as any other.
 * Stage: request (a declared length is refused before a byte of it is read), then parse; what parses
 * and must not be used is refused with validation, and before the handler of a route without.
 *
 * The server's own limit must stand above this one: it answers by itself, without a problem body.
 */
export function bodyLimit({ limit, raw = [] }: BodyLimitOptions) {
  if (!(Number.isSafeInteger(limit) && limit > 0))
    throw new RangeError(`limit must be whole bytes from 1 up, got ${limit}`)
  const rawRoutes = new Set(raw)
  return new Elysia({ name: 'caly/body-limit', seed: [limit, raw] })
    .onRequest(({ request }) => {
      const declared = request.headers.get('content-length')
      if (declared !== null && Number(declared) > limit) throw tooLarge(limit)
    })
    .onParse({ as: 'global' }, async ({ request, route }) => {
      // Anything but undefined keeps Elysia's own parsers away.
      if (rawRoutes.has(route)) return null
      const body = await readBody(request, limit)
      if (body.byteLength === 0) return null
      demandJson(request.headers)
      return readJson(body)
    })
    .onBeforeHandle({ as: 'global' }, ({ body }: { readonly body: unknown }) => {
      if (body instanceof RefusedPart) throw InvalidPart.of(body)
    })
}
