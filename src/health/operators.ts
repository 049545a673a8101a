import { createHash, timingSafeEqual } from 'node:crypto'
import { Elysia } from 'elysia'
import { AuthorizationError } from '../errors.ts'
import type { RequestContext } from '../hooks/request-context/index.ts'

/** Options of {@linkcode operatorsOnly}. */
export interface OperatorsOptions<Principal extends { readonly scopes: readonly string[] }> {
  /** `METRICS_TOKEN`: a bearer for scrapers. */
  readonly token: string | undefined
  /**
   * Lets a direct connection from this machine in without credentials. For development only, with
   * the listener on loopback.
   */
  readonly trustLoopback: boolean
  /** Who is asking, by token or API key; throws for strangers what authentication throws. */
  readonly authenticate: (request: Request) => Promise<Principal>
  /** Hears of a principal without the scope `ops:read`, before the refusal is answered. */
  readonly onDenied: (principal: Principal) => Promise<void>
  /** Hears of a principal who is let in. */
  readonly onGranted: (principal: Principal) => Promise<void>
  /** What is known of the request at hand and its client. */
  readonly context: (
    request: Request,
  ) => Pick<RequestContext, 'clientAddress' | 'forwarded'> | undefined
}

const loopbackAddress = /^(127(\.\d{1,3}){3}|::1)$/
const loopbackHost = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?\//

/**
 * Lets only operators through: `METRICS_TOKEN`, a principal with `ops:read`, or in development the
 * developer at this very machine. A page of another site or a proxy on this machine is not one: the
 * Host must be a loopback name, and neither a forwarding header nor another site's may be there.
 * Stage: transform.
 */
export function operatorsOnly<Principal extends { readonly scopes: readonly string[] }>(
  options: OperatorsOptions<Principal>,
) {
  const { token, trustLoopback, authenticate, onDenied, onGranted, context } = options
  const expected = token === undefined ? undefined : digest(token)
  const isDeveloper = (request: Request) => {
    const current = context(request)
    return (
      trustLoopback &&
      current !== undefined &&
      !current.forwarded &&
      !isFromAnotherSite(request) &&
      loopbackAddress.test(current.clientAddress ?? '') &&
      loopbackHost.test(request.url)
    )
  }
  return new Elysia({ name: 'caly/operators' }).onTransform(
    { as: 'scoped' },
    async ({ request }) => {
      const given = /^Bearer ([!-~]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
      if (given !== undefined && expected && timingSafeEqual(digest(given), expected)) return
      const anonymous = given === undefined && !request.headers.has('x-api-key')
      if (anonymous && isDeveloper(request)) return
      const principal = await authenticate(request)
      if (principal.scopes.includes('ops:read')) return onGranted(principal)
      await onDenied(principal)
      throw new AuthorizationError('This needs the scope ops:read')
    },
  )
}

/** As browsers say it: of a page's own requests, and of a link that is followed (W3C Fetch Metadata). */
function isFromAnotherSite({ headers, url }: Request): boolean {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  return (
    (site !== null && site !== 'same-origin' && site !== 'none') ||
    (origin !== null && origin !== new URL(url).origin)
  )
}

/** Equal lengths for the comparison, whatever was sent. */
const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()
