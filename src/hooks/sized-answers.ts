import { Buffer } from 'node:buffer'
import { type AnyElysia, Elysia, ElysiaCustomStatusResponse } from 'elysia'
import { alikeAnswers, isLowerCase } from './alike-answers.ts'

const knownSize = Symbol('caly.answer.size')

type Sized = Response & { [knownSize]?: number }

/** The bytes of an answer that was written here: in one piece, without a look at its headers. */
export const sizeOf = (answer: Sized): number | undefined => answer[knownSize]

/**
 * Writes what handlers return as JSON or text itself, and says how long it is: the runtime would
 * tell nobody but the client. Log and metrics read it from there.
 * Stage: mapResponse, and it ends it: what comes later sees a `Response`, and nothing in `set`. A
 * handler's own `Response` is left as it is.
 *
 * @example The length is that of the bytes
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { Elysia } from 'elysia'
 * const app = new Elysia().use(sizedAnswers()).get('/', () => ({ greeting: 'Grüße' }))
 * const response = await app.handle(new Request('http://localhost/'))
 * equal(response.headers.get('content-length'), '22')
 * ```
 */
export function sizedAnswers() {
  const alike = alikeAnswers()
  return new Elysia({ name: 'caly/sized-answers' }).mapResponse(
    { as: 'global' },
    ({ responseValue: returned, set, route }) => {
      // What `status(201, …)` makes of it.
      const isStatus = returned instanceof ElysiaCustomStatusResponse
      const value: unknown = isStatus ? returned.response : returned
      const isText = typeof value === 'string'
      if (!isText && !isPlain(value)) return undefined
      const text: string | undefined = isText ? value : JSON.stringify(value)
      // An object can say that there is nothing of it to be written.
      if (text === undefined) return undefined
      if (isStatus) set.status = returned.code
      const given = set.headers['content-type']
      set.headers['content-type'] =
        given ?? (isText ? 'text/plain;charset=utf-8' : 'application/json')
      const size = Buffer.byteLength(text)
      set.headers['content-length'] = String(size)
      const { status = 200, headers } = set
      const isPlainSet = typeof status === 'number' && !set.cookie
      const answer: Sized | undefined = isPlainSet
        ? alike(route, text, { status, headers })
        : undefined
      if (answer === undefined) {
        if (Object.keys(headers).every(isLowerCase)) return text as unknown as Response
        // What the app has set in other letters counts, and Elysia knows what to make of it.
        if (given === undefined) delete set.headers['content-type']
        delete set.headers['content-length']
        return undefined
      }
      answer[knownSize] = size
      // Else Elysia would put them into the answer once more.
      set.headers = {}
      set.status = 200
      return answer
    },
  )
}

/**
 * Gives {@linkcode sizedAnswers} to the routes of an app that have no hook of their own for what is
 * returned, and none that comes after the answer: such a one wants it, and `set`, as they are. To be
 * called when all routes are there.
 */
export function sizedEverywhere(app: AnyElysia): void {
  if (app.event.trace?.length) return
  const { mapResponse } = sizedAnswers().event
  for (const { hooks } of app.routes)
    if (!(hooks.mapResponse || hooks.afterResponse || hooks.trace)) hooks.mapResponse = mapResponse
}

/** What Elysia, too, would write as JSON. */
const isPlain = (value: unknown): boolean => {
  const made = (value as { readonly constructor?: unknown } | null | undefined)?.constructor
  return made === Object || made === Array
}
