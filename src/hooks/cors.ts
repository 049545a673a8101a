import { Elysia } from 'elysia'

/** Options of {@linkcode cors}. */
export interface CorsOptions {
  /** Origins that browsers may call from; `*` is any. Credentials are never allowed. */
  readonly origins: readonly string[]
  /** What a browser may use. @default GET, HEAD, POST, PATCH and DELETE */
  readonly methods?: readonly string[]
  /** Headers that a browser may send. @default what Caly's routes read */
  readonly requestHeaders?: readonly string[]
  /** Headers of an answer that a page may read. @default what Caly's hooks and routes send */
  readonly responseHeaders?: readonly string[]
}

const defaultMethods = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE']
const defaultRequestHeaders = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'X-API-Key',
  'X-Request-Id',
]
const defaultResponseHeaders = [
  'Idempotent-Replayed',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-Id',
]

/** Browsers ask again after this many seconds; Chromium keeps no answer for longer. */
const maxAge = '7200'

/**
 * Lets browsers of the given origins read the answers (Fetch standard, CORS protocol), errors too.
 * Stage: request; preflights are answered at once with 204.
 */
export function cors(options: CorsOptions) {
  const { origins } = options
  const methods = (options.methods ?? defaultMethods).join(', ')
  const requestHeaders = (options.requestHeaders ?? defaultRequestHeaders).join(', ')
  const responseHeaders = (options.responseHeaders ?? defaultResponseHeaders).join(', ')
  const allowed = new Set(origins)
  const any = allowed.has('*')
  return new Elysia({ name: 'caly/cors', seed: options }).onRequest(({ request, set }) => {
    if (allowed.size === 0) return undefined
    // Caches must not hand one origin's answer to another.
    set.headers['vary'] = 'Origin'
    const origin = request.headers.get('origin')
    if (origin === null || !(any || allowed.has(origin))) return undefined
    set.headers['access-control-allow-origin'] = any ? '*' : origin
    set.headers['cross-origin-resource-policy'] = 'cross-origin'
    if (request.method !== 'OPTIONS' || !request.headers.has('access-control-request-method')) {
      set.headers['access-control-expose-headers'] = responseHeaders
      return undefined
    }
    set.headers['access-control-allow-methods'] = methods
    set.headers['access-control-allow-headers'] = requestHeaders
    set.headers['access-control-max-age'] = maxAge
    set.status = 204
    return new Response(null, { status: 204 })
  })
}
