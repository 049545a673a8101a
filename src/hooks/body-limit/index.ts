import { Elysia } from 'elysia'
import { MalformedBodyError, UnsupportedMediaTypeError } from '../../errors.ts'
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
 * Bounds request bodies, declared and chunked, and reads them as JSON in strict UTF-8.
 * Stage: request (a declared length is refused before a byte of it is read), then parse.
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
    .onParse({ as: 'global' }, async ({ request, route }, contentType) => {
      // Anything but undefined keeps Elysia's own parsers away.
      if (rawRoutes.has(route)) return null
      const body = await readBody(request, limit)
      if (body.byteLength === 0) return undefined
      if (contentType !== 'application/json')
        throw new UnsupportedMediaTypeError('The body must be application/json')
      return parseJson(body)
    })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body))
  } catch (cause) {
    throw new MalformedBodyError('The body must be JSON in UTF-8', { cause })
  }
}
