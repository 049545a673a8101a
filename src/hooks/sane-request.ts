import { Elysia } from 'elysia'
import { MalformedRequestError, MisdirectedRequestError } from '../errors.ts'
import { hostOf, pathOf, pathStart } from './request-target.ts'

/** Options of {@linkcode saneRequest}. */
export interface SaneRequestOptions {
  /** Host names served, without port, IPv6 in brackets. @default all */
  readonly allowedHosts?: readonly string[]
  /** Paths that answer on any host: probes and scrapers use addresses. @default none */
  readonly anyHost?: readonly string[]
}

/** Where Elysia 1.4 begins to look for the path. */
const elysiaPathSearch = 11

/**
 * Refuses requests whose host or path could be read in two ways, before anything is routed.
 *
 * Elysia takes the path from `url.indexOf('/', 11)`: with `Host: x`, `/a/health/live` would be
 * routed as `/live`, a way round every check that reads the URL properly.
 * Stage: request.
 *
 * @throws {MalformedRequestError} (400) where Elysia would take another path than the URL's,
 *   or the request names several hosts
 * @throws {MisdirectedRequestError} (421) where the host is not served here
 */
export function saneRequest(options: SaneRequestOptions = {}) {
  const { allowedHosts, anyHost = [] } = options
  const allowed = allowedHosts && new Set(allowedHosts.map((host) => host.toLowerCase()))
  const exempt = new Set(anyHost)
  return new Elysia({ name: 'caly/sane-request', seed: options }).onRequest(({ request }) => {
    const { url } = request
    if (url.indexOf('/', elysiaPathSearch) !== pathStart(url))
      throw new MalformedRequestError('The host is too short to be a name')
    // RFC 9112 §3.2. A server joins the fields of two lines, and goes by one of them.
    if (request.headers.get('host')?.includes(','))
      throw new MalformedRequestError('There is more than one host')
    if (allowed === undefined || exempt.has(pathOf(url))) return
    if (!allowed.has(hostOf(url))) throw new MisdirectedRequestError('This host is not served here')
  })
}
