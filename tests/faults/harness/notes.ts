/** What clients saw, request by request. */
import { randomUUID } from 'node:crypto'
import type { Answer, Client } from '../../support/client.ts'

/** What is asked for. */
export type Kind =
  /** `POST /api/calls` with an `Idempotency-Key` */
  | 'call'
  /** `GET /api/calls` */
  | 'read'
  /** `GET /api`, which needs nothing */
  | 'index'
  /** `POST /api/auth/login` */
  | 'login'
  /** A message of the provider */
  | 'callback'
  /** `GET /api/calls` without credentials: 401, and a row in the audit trail */
  | 'refusal'
  | 'live'
  | 'ready'

/** One request. Times are of `performance.now()`. */
export interface Note {
  readonly kind: Kind
  /** Its `X-Request-Id`, by which the service's log knows it. */
  readonly id: string
  readonly began: number
  readonly ended: number
  /** What came instead of an answer: nobody listened, the connection broke, nothing at all. */
  readonly status: number | 'refused' | 'broken' | 'hung'
  /** Of a problem. */
  readonly code: string | undefined
  /** What is wrong with the form of the answer, in words. */
  readonly malformed: string | undefined
}

/** A client that writes down what it sees. @throws what the client throws, and where nothing comes */
export function noting(notes: Note[], kind: Kind, client: Client): Client {
  return async (method, path, body, headers) => {
    const id = newId()
    const began = performance.now()
    const note = (seen: Pick<Note, 'status' | 'code' | 'malformed'>) =>
      notes.push({ kind, id, began, ended: performance.now(), ...seen })
    try {
      const answer = await withinPatience(
        client(method, path, body, { ...headers, 'x-request-id': id }),
      )
      note({
        status: answer.status,
        code: answer.body?.code,
        malformed: answer.status >= 400 ? faultOf(answer) : undefined,
      })
      return answer
    } catch (error) {
      note({ status: endOf(error), code: undefined, malformed: undefined })
      throw error
    }
  }
}

/** Letters alone: digits might be somebody's number, and are not taken. */
const newId = (): string =>
  randomUUID().replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '')

/** Milliseconds after which nobody would wait any longer: twice the longest REQUEST_TIMEOUT here. */
const patience = 60_000

class HungError extends Error {}

async function withinPatience(asked: Promise<Answer>): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new HungError(`No answer in ${patience} ms`)), patience)
  try {
    return await Promise.race([asked, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Bun's word for a closed port, and everybody else's. */
function endOf(error: unknown): 'refused' | 'broken' | 'hung' {
  if (error instanceof HungError) return 'hung'
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ConnectionRefused' || code === 'ECONNREFUSED' ? 'refused' : 'broken'
}

/** Errors are problems, with the request's id; a 503 says when to come again. */
function faultOf({ status, headers, body }: Answer): string | undefined {
  // Its two statuses have one form of their own.
  if (body?.checks !== undefined) return undefined
  if (headers.get('content-type') !== 'application/problem+json') return 'is no problem'
  if (body.requestId !== headers.get('x-request-id')) return 'has another request id'
  if (headers.get('x-content-type-options') !== 'nosniff') return 'lacks the security headers'
  if (status === 503 && !(Number(headers.get('retry-after')) > 0)) return 'lacks Retry-After'
  return undefined
}
