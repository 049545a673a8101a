import { type AnyElysia, Elysia, ElysiaCustomStatusResponse } from 'elysia'
import {
  InternalError,
  MalformedBodyError,
  MalformedRequestError,
  MethodNotAllowedError,
  NotFoundError,
  ProblemError,
  ValidationError,
} from '../../errors.ts'
import { problemResponse } from '../../problem.ts'
import { everywhere } from '../everywhere.ts'
import { answersProblems } from '../refusal.ts'
import { InvalidPart, withOtherParts } from '../validation/index.ts'
import { type AllowedMethods, allowedMethods } from './allowed-methods.ts'
import { routeSchemas } from './route-schemas.ts'

export { type ProblemBody, problemBody, problemMediaType } from '../../problem.ts'
export { routeSchemas } from './route-schemas.ts'
export { problemMeanings, problemSchema, problems } from './schema.ts'
export { type TimedRequest, type TimeLimitOptions, timeLimit } from './time-limit.ts'

/** Options of {@linkcode problemDetails}. */
export interface ProblemDetailsOptions {
  /** Says which problem a foreign error is; undefined leaves it to the hook. */
  readonly translate?: (error: unknown) => ProblemError | undefined
  /** Hears of each problem before it is sent, with the error behind it: for log and audit. */
  readonly onProblem?: (problem: ProblemError, route: string | undefined) => void
}

/**
 * Answers every error as a problem (RFC 9457), 404, 405 and OPTIONS too. Nothing that the client
 * sent, no message of a foreign error, no stack leaves: Elysia's own answers carry the value found
 * (`found`) in production. The faults of all parts of a request come together, where Elysia stops at
 * the first.
 * Stage: error.
 *
 * Use it on the app itself, not inside a plugin: the methods of a path are read from its routes. What a
 * handler throws with an answer of its own (`status()`, an error with `toResponse()`) is left to it.
 *
 * @example A thrown error tells nothing but its problem
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { Elysia } from 'elysia'
 * const app = new Elysia().use(problemDetails()).get('/', () => {
 *   throw new Error('password=hunter2')
 * })
 * const response = await app.handle(new Request('http://localhost/'))
 * equal(response.status, 500)
 * equal((await response.json()).detail, 'The request failed inside')
 * ```
 */
export function problemDetails(options: ProblemDetailsOptions = {}) {
  const { translate, onProblem } = options
  return (app: AnyElysia): Elysia => {
    const methodsOf = allowedMethods(() => app.routes, app.config.strictPath === true)
    const schemasOf = routeSchemas(() => app.routes)
    const hook = new Elysia({ name: 'caly/problem-details' }).onError(
      { as: 'global' },
      (context) => {
        const { code, error, set } = context
        // By another name: Elysia reads a hook's text, and parses all that there is for one that
        // hands its context on.
        const parts = context
        if (answersItself(error)) return undefined
        const route = 'route' in context ? String(context.route) : undefined
        if (code === 'NOT_FOUND' && route === undefined) {
          const allowed = methodsOf(context.path)
          if (context.request.method === 'OPTIONS' && allowed.length > 0)
            return new Response(null, { status: 204, headers: { allow: allowed.join(', ') } })
        }
        const answer = (failure: unknown): Response => {
          const found =
            translate?.(failure) ?? problemOf(failure, code, () => methodsOf(context.path), route)
          const problem =
            found instanceof InvalidPart
              ? withOtherParts(found, parts, schemasOf(context.request.method, route))
              : found
          onProblem?.(problem, route)
          const requestId = set.headers['x-request-id']
          return problemResponse(problem, {
            instance: route,
            requestId: requestId === undefined ? undefined : String(requestId),
          })
        }
        const before = error instanceof ProblemError ? error.before : undefined
        return before ? before.then(() => answer(error), answer) : answer(error)
      },
    )
    // What is thrown before there is a route finds no hook of a group.
    if (!isGroup(app)) hook.decorate(answersProblems, true)
    return everywhere<Elysia>(hook as AnyElysia as Elysia)(app)
  }
}

/** What `group()` and `guard()` hand over asks the app for its server, by a method of its own. */
const isGroup = (app: AnyElysia): boolean => Object.hasOwn(app, 'getServer')

const answersItself = (error: unknown): boolean =>
  error instanceof ElysiaCustomStatusResponse ||
  (error instanceof Error &&
    !(error instanceof ProblemError) &&
    'toResponse' in error &&
    !('code' in error && telling.has(error.code)))

/** Elysia's own errors that answer with what was sent. */
const telling: ReadonlySet<unknown> = new Set(['VALIDATION', 'INVALID_FILE_TYPE'])

function problemOf(
  error: unknown,
  code: unknown,
  methods: () => ReturnType<AllowedMethods>,
  route: string | undefined,
): ProblemError {
  if (error instanceof ProblemError) return error
  // A parser's own problem comes wrapped in Elysia's ParseError.
  if (error instanceof Error && error.cause instanceof ProblemError) return error.cause
  if (code === 'NOT_FOUND') {
    const allowed = route === undefined ? methods() : []
    return allowed.length > 0
      ? new MethodNotAllowedError(allowed)
      : new NotFoundError('There is nothing at this path')
  }
  if (code === 'PARSE') return new MalformedBodyError('The body cannot be read', { cause: error })
  if (code === 'INVALID_COOKIE_SIGNATURE')
    return new MalformedRequestError('A cookie is not signed by this service', { cause: error })
  if (code === 'INVALID_FILE_TYPE')
    return new ValidationError([
      { path: 'body', code: 'file', message: 'has a file of a wrong type' },
    ])
  if (code === 'VALIDATION') return foreignValidation(error)
  return new InternalError(error)
}

/**
 * Elysia's error for a schema that is not one of ours: the places are kept, the values are not. A
 * wrong answer is no fault of the request.
 */
function foreignValidation(error: unknown): ValidationError | InternalError {
  const { type: part = 'body', all = [] } = error as {
    readonly type?: string
    readonly all?: readonly { readonly path?: unknown }[]
  }
  if (part === 'response') return new InternalError(error)
  const paths = all.map(({ path }) => String(path ?? '').replaceAll('/', '.'))
  return new ValidationError(
    (paths.length > 0 ? paths : ['']).map((path) => ({
      path: path === '' || path === '.' ? part : `${part}.${path.replace(/^\./, '')}`,
      code: 'invalid',
      message: 'is not valid',
    })),
    { cause: error },
  )
}
