import { Elysia } from 'elysia'
import { hostOf, isOneOf, pathStart } from './request-target.ts'

/** Options of {@linkcode httpsRedirect}. */
export interface HttpsRedirectOptions {
  /** Whether the request at hand came over HTTPS, through trusted proxies only. */
  readonly isSecure: () => boolean
  /** Where the service is to be found over HTTPS. @default the request's host, port 443 */
  readonly publicUrl?: URL
  /** Paths that answer over plain HTTP too: probes do not follow redirects. @default none */
  readonly exempt?: readonly string[]
}

/**
 * Sends plain HTTP to HTTPS with 308, which keeps method and body (RFC 9110 §15.4.9).
 * Stage: request. Use it after the host was checked: the answer repeats the host.
 */
export function httpsRedirect({ isSecure, publicUrl, exempt = [] }: HttpsRedirectOptions) {
  return new Elysia({ name: 'caly/https-redirect', seed: exempt }).onRequest(
    ({ request: { url }, set }) => {
      if (isSecure() || isOneOf(url, exempt)) return undefined
      const host = hostOf(url)
      const target =
        publicUrl?.protocol === 'https:' && publicUrl.hostname === host ? publicUrl.host : host
      set.status = 308
      set.headers['location'] = `https://${target}${url.slice(pathStart(url))}`
      return ''
    },
  )
}
