import { AsyncLocalStorage } from 'node:async_hooks'
import { Elysia } from 'elysia'
import { warnOfGroup } from '../everywhere.ts'
import {
  type ClientResolver,
  canonicalAddress,
  clientResolver,
  type ProxyTrust,
} from './client-address.ts'
import { peerOf, peerSources } from './peer.ts'
import { newRequestId } from './request-id.ts'
import { type Stage, Stopwatch } from './stopwatch.ts'

export { canonicalAddress, type ProxyTrust } from './client-address.ts'
export { networks } from './networks.ts'
export { peerSources, withPeer } from './peer.ts'
export type { Stage, Stopwatch } from './stopwatch.ts'

/** What every hook and handler may know of the request at hand. */
export interface RequestContext {
  /** The caller's `X-Request-Id` where it is usable, else a new UUIDv7. */
  readonly id: string
  /** `performance.now()` at arrival. */
  readonly startedAt: number
  /** The client's address, through trusted proxies only. */
  readonly clientAddress: string | undefined
  /** Whether the client's own connection is encrypted. */
  readonly secure: boolean
  /** Whether a proxy's header came along, believed or not. */
  readonly forwarded: boolean
  /** Whether one of our own proxies handed the request over. */
  readonly trusted: boolean
  /** Aborts when the client leaves or the request times out: hand it to whatever takes long. */
  readonly signal: AbortSignal
  readonly method: string
  readonly userAgent: string | undefined
  /** The template of the matched route; undefined until one matched. */
  readonly route: string | undefined
  /** Who is asking, once authentication knows. */
  readonly principal: RequestPrincipal | undefined
  /** What went wrong, for the log: the error behind the problem that was sent. */
  readonly failure: unknown
  /** Where its time goes. */
  readonly times: Readonly<Stopwatch>
}

/** The part of a principal that logs, limits and the audit trail go by. */
export interface RequestPrincipal {
  readonly type: 'user' | 'api_key'
  readonly id: string
  readonly clientId: string
  /** Keys only: the user who answers for it. */
  readonly createdBy?: string
}

/** Options of {@linkcode requestContext}. */
export interface RequestContextOptions {
  /** Which proxies are believed. @default {undefined} none */
  readonly proxies?: ProxyTrust
  /** The socket's peer. @default what {@linkcode withPeer} was told, or Elysia's own server knows */
  readonly peerAddress?: (request: Request) => string | undefined
  /**
   * Whether an id that the caller sent, of the right form, may stand in logs and answers.
   *
   * @default always
   */
  readonly acceptsId?: (id: string) => boolean
}

const noHeaders: Readonly<Record<string, string | number>> = Object.freeze({})

const acceptableId = /^[A-Za-z0-9._-]{8,128}$/

/** The state behind a {@linkcode RequestContext}; only this folder writes it. */
export class CurrentRequest implements RequestContext {
  readonly startedAt = performance.now()
  readonly id: string
  clientAddress: string | undefined
  secure = false
  forwarded = false
  trusted = false
  route: string | undefined
  principal: RequestPrincipal | undefined
  failure: unknown
  /** The headers that hooks have set so far: an answer from outside of Elysia needs them too. */
  headers: Readonly<Record<string, string | number>> = noHeaders
  readonly #request: Request
  #controller: AbortController | undefined
  #aborted: Error | undefined
  #times: Stopwatch | undefined

  constructor(request: Request, acceptsId: (id: string) => boolean = () => true) {
    this.#request = request
    const given = request.headers.get('x-request-id')
    const usable = given !== null && acceptableId.test(given) && acceptsId(given)
    this.id = usable ? given : newRequestId()
  }

  /** Made on first use: what needs neither database nor provider has none. */
  get times(): Stopwatch {
    this.#times ??= new Stopwatch()
    return this.#times
  }

  get method(): string {
    return this.#request.method
  }

  get userAgent(): string | undefined {
    return this.#request.headers.get('user-agent') ?? undefined
  }

  /** Made on first use: most handlers never ask. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted)
      const { signal } = this.#request
      const abort = () => this.abort(new Error('The client closed the connection'))
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    }
    return this.#controller.signal
  }

  /** Aborts what runs for the request; the first reason stays. */
  abort(reason: Error): void {
    this.#aborted ??= reason
    this.#controller?.abort(reason)
  }
}

const storage = new AsyncLocalStorage<CurrentRequest>()

/** The request that the calling code runs for, across awaits; undefined outside of one. */
export const currentRequest = (): RequestContext | undefined => storage.getStore()

/** The same with what only hooks may use: the headers set so far, and the way to abort it. */
export const currentRequestState = (): CurrentRequest | undefined => storage.getStore()

/**
 * The address of a request's client: as the request context found it, or that of the socket where
 * there is no such hook and {@linkcode peerSources} or {@linkcode withPeer} has told it.
 */
export const clientAddressOf = (request: Request): string | undefined =>
  storage.getStore()?.clientAddress ?? canonicalAddress(peerOf(request) ?? '')

/** Adds milliseconds to a stage of the request at hand; outside of one there is nothing to add to. */
export function addTime(stage: Stage, milliseconds: number): void {
  storage.getStore()?.times.add(stage, milliseconds)
}

/** Does work, and adds the time that it takes to a stage of the request at hand. */
export async function timed<Result>(stage: Stage, work: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now()
  try {
    return await work()
  } finally {
    addTime(stage, performance.now() - startedAt)
  }
}

/** Tells logs, limits and the audit trail who is asking. Called by authentication. */
export function setPrincipal(context: RequestContext, principal: RequestPrincipal): void {
  if (context instanceof CurrentRequest) context.principal = principal
}

/** Keeps what went wrong for the log. Called where errors become problems. */
export function setFailure(context: RequestContext, failure: unknown): void {
  if (context instanceof CurrentRequest) context.failure = failure
}

/**
 * Tells which route a request failed in. What fails before the route's own hooks, a body that cannot
 * be read, would count for none else. Called where errors become problems.
 */
export function setRoute(context: RequestContext, route: string | undefined): void {
  if (context instanceof CurrentRequest) context.route ??= route
}

/**
 * Gives each request an id, finds its client's address, and keeps both where hooks, handlers and
 * whatever these call can read them (`requestContext` in handlers, {@linkcode currentRequest}
 * elsewhere). Answers carry the id as `X-Request-Id`.
 * Stage: around everything, then request, then transform (where the route is known).
 *
 * Use it last of the hooks that wrap: Elysia's last wrap is the outermost.
 *
 * @example The caller's id comes back
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { Elysia } from 'elysia'
 * const app = new Elysia().use(requestContext()).get('/', ({ requestContext }) => requestContext.id)
 * const headers = { 'x-request-id': 'order-4711' }
 * const response = await app.handle(new Request('http://localhost/', { headers }))
 * equal(response.headers.get('x-request-id'), 'order-4711')
 * ```
 */
export function requestContext(options: RequestContextOptions = {}) {
  const resolve: ClientResolver = clientResolver(options.proxies ?? { trusted: [] })
  const { peerAddress = peerOf, acceptsId } = options
  return new Elysia({ name: 'caly/request-context', seed: options.proxies })
    .use(options.peerAddress ? new Elysia() : peerSources())
    .wrap((handle, request) => {
      const current = new CurrentRequest(request, acceptsId)
      return (...rest: unknown[]) => storage.run(current, handle, ...rest)
    })
    .decorate('requestContext', undefined as unknown as RequestContext)
    .onRequest((context) => {
      const { request, set } = context
      let current = storage.getStore()
      if (current === undefined) {
        warnOfGroup('requestContext')
        current = new CurrentRequest(request, acceptsId)
      }
      context.requestContext = current
      current.headers = set.headers as Readonly<Record<string, string | number>>
      set.headers['x-request-id'] = current.id
      const isSecure = request.url.startsWith('https:')
      const client = resolve(request.headers, peerAddress(request), isSecure)
      current.clientAddress = client.address
      current.secure = client.secure
      current.forwarded = client.forwarded
      current.trusted = client.trusted
    })
    .onTransform({ as: 'global' }, (context) => {
      const { requestContext, route } = context as typeof context & {
        requestContext: RequestContext
      }
      if (requestContext instanceof CurrentRequest) requestContext.route = route
    })
}
