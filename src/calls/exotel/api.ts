/** Exotel's API for one account: authentication, pace, circuit breaker, telemetry, and what errors say. */
import type { HttpClientTelemetry } from '#telemetry/index.ts'
import { pause } from '../pause.ts'
import { apiOrigin, authorization, type ExotelAccount } from './account.ts'
import { readAnswer } from './answer.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { ExotelError } from './errors.ts'
import { HttpFailure, readText, send } from './http.ts'
import type { Pace } from './pace.ts'

/** `POST` places a call, `GET` asks. */
export type Method = 'GET' | 'POST'

/** Options of {@linkcode exotelApi}. */
export interface ExotelApiOptions {
  readonly account: ExotelAccount
  readonly pace: Pace
  /** One for each kind of request: that questions are answered does not say that calls are placed. */
  readonly breakers: { readonly placing: CircuitBreaker; readonly asking: CircuitBreaker }
  readonly telemetry: HttpClientTelemetry
  /** Milliseconds. @default 5000 */
  readonly connectTimeout?: number
  /** Milliseconds from the connection to the head of the answer. @default 20000 */
  readonly answerTimeout?: number
  /** Hears how each request went. */
  readonly onAnswer?: (method: Method, error: ExotelError | undefined) => void
}

/** A question to the API. */
export interface Question {
  /** Below `/v1/Accounts/<sid>/`. */
  readonly path: string
  /** The same with names in the place of values, for telemetry. */
  readonly template: string
  readonly query?: URLSearchParams
  readonly signal: AbortSignal
}

/** Requests to one account. */
export interface ExotelApi {
  /**
   * Milliseconds until a call may be placed; 0 takes the turn. While the breaker is open, that is its
   * remaining time; then a question finds out whether Exotel is back, and one call whether it places
   * any: the others wait for what becomes of it.
   */
  turn(signal: AbortSignal): Promise<number>
  /** Sends a form, once, whatever comes of it. @throws {ExotelError} */
  post(question: Question, form: URLSearchParams): Promise<unknown>
  /**
   * Asks, when it is its turn, and again (with a growing, jittered pause) while there is no answer.
   *
   * @throws {ExotelError}
   */
  get(question: Question): Promise<unknown>
}

/** What is asked to find out whether Exotel is back. */
const cheapest = {
  path: 'Calls.json',
  template: 'Calls.json',
  query: new URLSearchParams({ PageSize: '1' }),
}

/** A list of a hundred calls is 60 kB. */
const answerLimit = 1_048_576
const bodyTimeout = 20_000

/** Attempts at a question, and the longest first pause between two, in milliseconds. */
const attempts = 3
const firstPause = 500

export function exotelApi(options: ExotelApiOptions): ExotelApi {
  const { account, pace, breakers, telemetry, connectTimeout, answerTimeout } = options
  const { onAnswer = () => {} } = options
  const origin = apiOrigin(account)
  const base = `/v1/Accounts/${encodeURIComponent(account.sid)}/`
  const headers = { authorization: authorization(account), accept: 'application/json' }

  /** One request and its answer. Tells the breaker. */
  async function exchange(
    question: Question,
    request: { method: Method; body?: string; resends?: number },
  ): Promise<unknown> {
    const { path, template, query, signal } = question
    const { method, body, resends } = request
    const breaker = method === 'POST' ? breakers.placing : breakers.asking
    const url = new URL(base + path, origin)
    if (query !== undefined) url.search = query.toString()
    const form = body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }
    const seen = { method, origin, template: `/v1/Accounts/{sid}/${template}` }
    try {
      const json = await telemetry.measure(
        { ...seen, ...(resends !== undefined && { resends }) },
        async (answered) => {
          const answer = await send({
            method,
            url,
            headers: { ...headers, ...form },
            body,
            signal,
            ...(connectTimeout !== undefined && { connectTimeout }),
            ...(answerTimeout !== undefined && { answerTimeout }),
          })
          answered(answer.status)
          const text = await readText(answer, { limit: answerLimit, timeout: bodyTimeout })
          return readAnswer(answer.status, text, answer.header('retry-after'))
        },
      )
      breaker.succeeded()
      onAnswer(method, undefined)
      return json
    } catch (error) {
      const failure = failureOf(error)
      // Who breaks off knows nothing of Exotel; a refusal of this one request shows that it is there.
      if (failure.providerCode !== undefined && !failure.general) breaker.succeeded()
      else if (!(error instanceof HttpFailure && error.kind === 'aborted')) breaker.failed()
      onAnswer(method, failure)
      throw failure
    }
  }

  /** Waits for a turn, bounded by the signal. */
  async function inquiryTurn(signal: AbortSignal): Promise<void> {
    for (;;) {
      // The breaker last, too: whom it lets through as the first one must ask.
      const wait = breakers.asking.left() || (await pace.take('inquiry')) || breakers.asking.wait()
      if (wait === 0) return
      await pause(wait, signal)
      if (signal.aborted) throw notAsked()
    }
  }

  return {
    async turn(signal) {
      const { placing } = breakers
      const wait = placing.left() || (await pace.take('placing')) || placing.wait()
      if (wait > 0 || placing.state !== 'half_open') return wait
      const isThere = await exchange({ ...cheapest, signal }, { method: 'GET' }).then(
        () => true,
        () => false,
      )
      if (isThere) return 0
      placing.failed()
      return Math.max(1, placing.left())
    },

    post: (question, form) => exchange(question, { method: 'POST', body: form.toString() }),

    async get(question) {
      for (let attempt = 1; ; attempt += 1) {
        await inquiryTurn(question.signal)
        try {
          return await exchange(question, { method: 'GET', resends: attempt - 1 })
        } catch (error) {
          const isLast = attempt === attempts || question.signal.aborted
          if (!(error instanceof ExotelError) || error.isRefusal || isLast) throw error
          const wait = error.retryAfter ?? firstPause * 2 ** (attempt - 1) * (0.5 + Math.random())
          await pause(wait, question.signal)
        }
      }
    },
  }
}

function failureOf(error: unknown): ExotelError {
  if (error instanceof ExotelError) return error
  const failure = error instanceof HttpFailure ? error : undefined
  return new ExotelError(
    {
      withoutEffect: failure !== undefined && !failure.opened,
      general: true,
      late: failure?.kind === 'timeout',
    },
    { cause: error },
  )
}

const notAsked = () => new ExotelError({ withoutEffect: true, general: true, late: true })
