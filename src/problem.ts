/** How a problem goes over the wire (RFC 9457). */
import { Buffer } from 'node:buffer'

/** The media type of a problem (RFC 9457 §6.1). */
export const problemMediaType = 'application/problem+json'

/** Every `code` that a problem body can carry. */
export type ProblemCode =
  | 'VALIDATION_FAILED'
  | 'MALFORMED_BODY'
  | 'MALFORMED_REQUEST'
  | 'AUTHENTICATION_REQUIRED'
  | 'INVALID_CREDENTIALS'
  | 'TOKEN_EXPIRED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'CONFLICT'
  | 'IDEMPOTENCY_IN_FLIGHT'
  | 'IDEMPOTENCY_MISMATCH'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'MISDIRECTED_REQUEST'
  | 'RATE_LIMITED'
  | 'INTERNAL_ERROR'
  | 'DATABASE_ERROR'
  | 'DATABASE_UNAVAILABLE'
  | 'OVERLOADED'
  | 'UPSTREAM_FAILED'
  | 'UPSTREAM_TIMEOUT'

/** One thing that is wrong with a request. Never holds the value that was sent. */
export interface FieldError {
  /** Where: `body.to`, `query.limit`, `headers.idempotency-key`. */
  readonly path: string
  /** A stable word for the rule that was broken: `phone`, `required`, `unknown`. */
  readonly code: string
  /** What to do, for a person. */
  readonly message: string
}

/** What there is to tell of an error: every `ProblemError` has it. */
export interface Problem {
  readonly status: number
  readonly code: ProblemCode
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
  readonly errors?: readonly FieldError[]
}

/** A problem as it goes over the wire (RFC 9457 §3.1). */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** The route's template; absent where no route matched. Never what the client sent. */
  readonly instance?: string
  readonly code: ProblemCode
  readonly requestId?: string
  readonly errors?: readonly FieldError[]
}

/** Where the pages about the problem types stand. */
const typeBase = 'https://caly.dev/problems/'

/** For each code the last part of its type's address, and its title, which never vary (§3.1.3). */
const types: Readonly<Record<ProblemCode, readonly [slug: string, title: string]>> = {
  VALIDATION_FAILED: ['validation', 'The request is not valid'],
  MALFORMED_BODY: ['malformed-body', 'The body cannot be read'],
  MALFORMED_REQUEST: ['malformed-request', 'The request cannot be read'],
  AUTHENTICATION_REQUIRED: ['authentication-required', 'Authentication is required'],
  INVALID_CREDENTIALS: ['invalid-credentials', 'The credentials are not valid'],
  TOKEN_EXPIRED: ['token-expired', 'The token has expired'],
  FORBIDDEN: ['forbidden', 'This is not allowed'],
  NOT_FOUND: ['not-found', 'There is nothing here'],
  METHOD_NOT_ALLOWED: ['method-not-allowed', 'The method is not allowed here'],
  CONFLICT: ['conflict', 'The request contradicts the current state'],
  IDEMPOTENCY_IN_FLIGHT: ['idempotency-in-flight', 'The same request is still being worked on'],
  IDEMPOTENCY_MISMATCH: ['idempotency-mismatch', 'The idempotency key belongs to another request'],
  PAYLOAD_TOO_LARGE: ['payload-too-large', 'The body is too large'],
  UNSUPPORTED_MEDIA_TYPE: ['unsupported-media-type', 'The body is of the wrong type'],
  MISDIRECTED_REQUEST: ['misdirected-request', 'This host is not served here'],
  RATE_LIMITED: ['rate-limited', 'Too many requests'],
  INTERNAL_ERROR: ['internal-error', 'Something went wrong'],
  DATABASE_ERROR: ['database-error', 'Something went wrong'],
  DATABASE_UNAVAILABLE: ['database-unavailable', 'The database is not available'],
  OVERLOADED: ['overloaded', 'The service is overloaded'],
  UPSTREAM_FAILED: ['upstream-failed', 'A service that this one depends on failed'],
  UPSTREAM_TIMEOUT: ['upstream-timeout', 'A service that this one depends on did not answer'],
}

/** Where a problem happened. */
export interface ProblemPlace {
  /** The route's template. */
  readonly instance: string | undefined
  readonly requestId: string | undefined
}

/** The body that tells a client about an error. */
export function problemBody(error: Problem, place: ProblemPlace): ProblemBody {
  const [slug, title] = types[error.code]
  return {
    type: typeBase + slug,
    title,
    status: error.status,
    detail: error.message,
    ...(place.instance !== undefined && { instance: place.instance }),
    code: error.code,
    ...(place.requestId !== undefined && { requestId: place.requestId }),
    ...(error.errors !== undefined && { errors: error.errors }),
  }
}

/** The whole answer, with the headers that the error asks for. */
export function problemResponse(error: Problem, place: ProblemPlace): Response {
  const body = JSON.stringify(problemBody(error, place))
  return new Response(body, {
    status: error.status,
    headers: {
      ...error.headers,
      'content-type': problemMediaType,
      // Log and metrics read it from here.
      'content-length': String(Buffer.byteLength(body)),
    },
  })
}
