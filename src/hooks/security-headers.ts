import { Elysia } from 'elysia'
import { isBelow } from './request-target.ts'

/** Options of {@linkcode securityHeaders}. */
export interface SecurityHeadersOptions {
  /** Seconds for which browsers must use HTTPS (RFC 6797). @default {undefined} not sent */
  readonly hstsMaxAge?: number | undefined
  /** Whether the request at hand came over HTTPS: then HSTS is sent too. @default never */
  readonly isSecure?: () => boolean
  /** Paths below these are never stored by a cache (`Cache-Control: no-store`). @default none */
  readonly noStore?: readonly string[]
}

/** Two years, as the preload list asks for. */
const defaultHstsMaxAge = 63_072_000

/** An API has no page: nothing may load, frame or be sent from what it answers. */
const contentSecurityPolicy =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Every feature that a page could ask a browser for, denied. */
const permissionsPolicy = [
  'accelerometer',
  'camera',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'payment',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ')

/** One by one: `Object.assign` looks at each name anew, with each request. */
function setFields(headers: Record<string, unknown>): void {
  headers['content-security-policy'] = contentSecurityPolicy
  headers['x-frame-options'] = 'DENY'
  headers['x-content-type-options'] = 'nosniff'
  // The filter that this header switched was itself a hole: OWASP says 0.
  headers['x-xss-protection'] = '0'
  headers['referrer-policy'] = 'no-referrer'
  headers['permissions-policy'] = permissionsPolicy
  headers['cross-origin-opener-policy'] = 'same-origin'
  headers['cross-origin-resource-policy'] = 'same-origin'
}

/**
 * Sets the security headers on every response: success, error, 404, redirect and stream.
 * Stage: request. A header that a handler puts on its own `Response` wins over these.
 *
 * @throws {RangeError} if `hstsMaxAge` is not a whole number from 0 up
 *
 * @example Even the answer to a path that does not exist has them
 * ```ts
 * import { equal } from 'node:assert/strict'
 * const app = securityHeaders({ hstsMaxAge: 31_536_000 })
 * const response = await app.handle(new Request('http://localhost/nothing-here'))
 * equal(response.headers.get('x-content-type-options'), 'nosniff')
 * ```
 */
export function securityHeaders(options: SecurityHeadersOptions = {}) {
  const { hstsMaxAge, isSecure, noStore = [] } = options
  if (hstsMaxAge !== undefined && !(Number.isSafeInteger(hstsMaxAge) && hstsMaxAge >= 0))
    throw new RangeError(`hstsMaxAge must be whole seconds from 0 up, got ${hstsMaxAge}`)
  const hsts = `max-age=${hstsMaxAge ?? defaultHstsMaxAge}; includeSubDomains`
  const isNeverStored = (url: string) => noStore.some((path) => isBelow(url, path))
  return new Elysia({ name: 'caly/security-headers', seed: options }).onRequest(
    ({ request, set }) => {
      setFields(set.headers)
      if (hstsMaxAge !== undefined || isSecure?.()) set.headers['strict-transport-security'] = hsts
      if (isNeverStored(request.url)) set.headers['cache-control'] = 'no-store'
    },
  )
}
