import { Elysia } from 'elysia'
import { MalformedRequestError, MisdirectedRequestError } from '../errors.ts'
import { answersProblems, refusal } from './refusal.ts'
import { ambiguityOf, hostOf, isOneOf } from './request-target.ts'

/** Options of {@linkcode saneRequest}. */
export interface SaneRequestOptions {
  /** Host names served, without port, IPv6 in brackets. @default all */
  readonly allowedHosts?: readonly string[]
  /** Paths that answer on any host: probes and scrapers use addresses. @default none */
  readonly anyHost?: readonly string[]
}

/**
 * Refuses requests whose host or path could be read in two ways, before anything is routed, and
 * hosts that are not served here.
 * Stage: request.
 *
 * @throws {MalformedRequestError} (400) for what {@linkcode ambiguityOf} finds
 * @throws {MisdirectedRequestError} (421) where the host is not served here
 *
 * @example A path that climbs is refused, encoded or not
 * ```ts
 * import { equal } from 'node:assert/strict'
 * const app = saneRequest().onError(({ error }) => new Response(null, { status: error.status }))
 * const response = await app.handle(new Request('http://localhost/public/..%2fsecret'))
 * equal(response.status, 400)
 * ```
 */
export function saneRequest(options: SaneRequestOptions = {}) {
  const { allowedHosts, anyHost = [] } = options
  const allowed = allowedHosts && new Set(allowedHosts.map((host) => host.toLowerCase()))
  return new Elysia({ name: 'caly/sane-request', seed: options }).onRequest((context) => {
    const { url, headers } = context.request
    const isAnswered = answersProblems in context
    const ambiguity = ambiguityOf(url, headers.get('host'))
    if (ambiguity !== undefined) throw refusal(new MalformedRequestError(ambiguity), isAnswered)
    if (allowed === undefined || isOneOf(url, anyHost)) return
    if (!allowed.has(hostOf(url).toLowerCase()))
      throw refusal(new MisdirectedRequestError('This host is not served here'), isAnswered)
  })
}
