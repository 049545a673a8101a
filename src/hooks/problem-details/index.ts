import { type AnyElysia, Elysia } from 'elysia'
import {
  InternalError,
  MalformedBodyError,
  MethodNotAllowedError,
  NotFoundError,
  ProblemError,
  ValidationError,
} from '../../errors.ts'
import { InvalidPart, withOtherParts } from '../validation/index.ts'
import { type AllowedMethods, allowedMethods } from './allowed-methods.ts'
import { problemResponse } from './problem.ts'
import { routeSchemas } from './route-schemas.ts'

export { type ProblemBody, problemBody, problemMediaType } from './problem.ts'
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
 * Use it on the app itself, not inside a plugin: the methods of a path are read from its routes.
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
  return <App extends AnyElysia>(app: App): App => {
    const methodsOf = allowedMethods(() => app.routes, app.config.strictPath === true)
    const schemasOf = routeSchemas(() => app.routes)
    app.use(
      new Elysia({ name: 'caly/problem-details' }).onError({ as: 'global' }, (context) => {
        const { code, error, set } = context
        const route = 'route' in context ? String(context.route) : undefined
        if (code === 'NOT_FOUND' && route === undefined) {
          const allowed = methodsOf(context.path)
          if (context.request.method === 'OPTIONS' && allowed.length > 0)
            return new Response(null, { status: 204, headers: { allow: allowed.join(', ') } })
        }
        const found =
          translate?.(error) ?? problemOf(error, code, () => methodsOf(context.path), route)
        const problem =
          found instanceof InvalidPart
            ? withOtherParts(found, context, schemasOf(context.request.method, route))
            : found
        onProblem?.(problem, route)
        const requestId = set.headers['x-request-id']
        return problemResponse(problem, {
          instance: route,
          requestId: requestId === undefined ? undefined : String(requestId),
        })
      }),
    )
    return app
  }
}

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
  if (code === 'VALIDATION') return foreignValidation(error)
  return new InternalError(error)
}

/** Elysia's error for a schema that is not one of ours: the places are kept, the values are not. */
function foreignValidation(error: unknown): ValidationError {
  const { type: part = 'body', all = [] } = error as {
    readonly type?: string
    readonly all?: readonly { readonly path?: unknown }[]
  }
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
