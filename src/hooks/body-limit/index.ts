import { Elysia } from 'elysia'
import { MalformedRequestError, ProblemError } from '../../errors.ts'
import { answersProblems, refusal } from '../refusal.ts'
import { InvalidPart, RefusedPart, readJson } from '../validation/index.ts'
import { demandJson, demandPlain, saysJson } from './media-type.ts'
import { readBody, tooLarge, withBody } from './read-body.ts'

export { readBody } from './read-body.ts'

/** Options of {@linkcode bodyLimit}. */
export interface BodyLimitOptions {
  /** Largest body in bytes. @default 1 MiB */
  readonly limit?: number
  /**
   * `json`: every other type is refused with 415. `any`: a body is held to the limit, JSON to the
   * rules, and then read as the route says: by Elysia's parsers, or by a handler that asks the request
   * itself. That reads JSON twice.
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
  const plugin = new Elysia({ name: 'caly/body-limit', seed: [limit, raw, types] })
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
    .onTransform({ as: 'global' }, ({ body }: { readonly body: unknown }) => {
      if (body instanceof ProblemError) throw body
    })
    .onBeforeHandle({ as: 'global' }, ({ body }: { readonly body: unknown }) => {
      if (body instanceof RefusedPart) throw InvalidPart.of(body)
    })
  if (types === 'any') return leavingBodies(plugin, limit, rawRoutes)
  return plugin.onParse({ as: 'global' }, (context) => {
    const { request, route } = context
    const isAnswered = answersProblems in context
    // Anything but undefined keeps Elysia's own parsers away.
    return rawRoutes.has(route) ? null : orProblem(isAnswered, readStrictly(request, limit))
  })
}

const readStrictly = (request: Request, limit: number): Promise<unknown> =>
  withBody(request, limit, (body) => {
    if (body.byteLength === 0) return null
    demandJson(request.headers)
    return readJson(body)
  })

/**
 * What a parser gives, with its problem as a value where no hook of the app answers problems: Elysia
 * would answer what a parser throws by itself.
 */
const orProblem = <Body>(isAnswered: boolean, body: Promise<Body>): Promise<Body | ProblemError> =>
  isAnswered
    ? body
    : body.catch((error: unknown) => {
        if (error instanceof ProblemError) return error
        throw error
      })

/** Looks at a copy of each body, and leaves the request with its own for a handler that wants it. */
function leavingBodies<Plugin extends Elysia>(
  plugin: Plugin,
  limit: number,
  rawRoutes: ReadonlySet<string>,
) {
  /** By what a context keeps for its answer: the request itself is exchanged for a while. */
  const requests = new WeakMap<object, Request>()
  return plugin
    .onParse({ as: 'global' }, (context) => {
      requests.set(context.set, context.request)
      const isAnswered = answersProblems in context
      // By another name: of a context that is handed on Elysia parses all there is, cookies too.
      const parsing: Parsing = context
      return rawRoutes.has(context.route) ? null : orProblem(isAnswered, look(parsing, limit))
    })
    .onTransform({ as: 'global' }, (context) => {
      context.request = requests.get(context.set) ?? context.request
    })
}

/** The request of a context, which a parser reads its body from. */
interface Parsing {
  request: Request
}

/**
 * Looks at a copy of the body, and leaves another one for Elysia's parsers, so that the request itself
 * still has its own.
 *
 * @returns what must not be used; undefined leaves the body to the parsers
 */
async function look(context: Parsing, limit: number): Promise<RefusedPart | undefined> {
  const { url, method, headers } = context.request
  // Bun's types of its own method know no Bun.
  const body = await readBody(context.request.clone() as Request, limit)
  if (body.byteLength === 0) return undefined
  demandPlain(headers)
  context.request = new Request(url, { method, headers, body })
  const value = saysJson(headers) ? readJson(body) : undefined
  return value instanceof RefusedPart ? value : undefined
}
