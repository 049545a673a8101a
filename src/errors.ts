/**
 * Every way in which a request can fail, as RFC 9457 problems.
 *
 * The `message` of a {@linkcode ProblemError} is written for the client and never repeats what
 * the client sent; its `cause` is for the log and never leaves the process.
 */

import { type FieldError, type ProblemCode, problemResponse } from './problem.ts'

export type { FieldError, ProblemCode } from './problem.ts'

/** How urgently a person should look at an error of this kind. */
export type Severity = 'low' | 'medium' | 'high' | 'critical'

/** What a problem may carry beside its message. */
export interface ProblemOptions {
  /** What really happened, for the log. Never sent. */
  readonly cause?: unknown
  /** Response headers that belong to the problem, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
  /** What must be done before the answer goes out: a row of the audit trail. @default nothing */
  readonly before?: Promise<unknown>
}

/** Base of all errors that have an answer of their own. */
export abstract class ProblemError extends Error {
  /** The HTTP status (RFC 9110 §15). */
  abstract readonly status: number
  abstract readonly code: ProblemCode
  abstract readonly severity: Severity
  /** Response headers that belong to the problem. */
  readonly headers: Readonly<Record<string, string>>
  /** What the answer waits for; if it fails, that is what is answered. */
  readonly before: Promise<unknown> | undefined

  constructor(message: string, { cause, headers = {}, before }: ProblemOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.headers = headers
    this.before = before
  }

  /**
   * The answer, where no hook of the app answers errors: Elysia asks an error for it. A hook that
   * refuses before routing takes it away in an app that has one (`refusal()`): Elysia asks there
   * before it tells that hook.
   */
  toResponse(): Response | Promise<Response> {
    const answer = () => problemResponse(this, { instance: undefined, requestId: undefined })
    return this.before === undefined ? answer() : this.before.then(answer)
  }
}

/** The request is understood but not valid (RFC 9110 §15.5.21); carries every fault at once. */
export class ValidationError extends ProblemError {
  readonly status = 422
  readonly code = 'VALIDATION_FAILED'
  readonly severity = 'low'
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[], options?: ProblemOptions) {
    super(
      errors.length === 1 ? '1 field needs attention' : `${errors.length} fields need attention`,
      options,
    )
    this.errors = errors
  }
}

/** The body cannot be read as what it claims to be (RFC 9110 §15.5.1). */
export class MalformedBodyError extends ProblemError {
  readonly status = 400
  readonly code = 'MALFORMED_BODY'
  readonly severity = 'low'
}

/** The request line or its headers cannot be taken at their word (RFC 9110 §15.5.1). */
export class MalformedRequestError extends ProblemError {
  readonly status = 400
  readonly code = 'MALFORMED_REQUEST'
  readonly severity = 'low'
}

/** Who is asking is not known (RFC 9110 §15.5.2). Always names the scheme, as it must. */
export class AuthenticationError extends ProblemError {
  readonly status = 401
  readonly severity = 'medium'
  readonly code: 'AUTHENTICATION_REQUIRED' | 'INVALID_CREDENTIALS' | 'TOKEN_EXPIRED'

  constructor(code: AuthenticationError['code'], message: string, options: ProblemOptions = {}) {
    // RFC 6750 §3.1: the error parameter is for a token that was presented, not for none.
    const challenge =
      code === 'AUTHENTICATION_REQUIRED'
        ? 'Bearer realm="caly"'
        : 'Bearer realm="caly", error="invalid_token"'
    super(message, { ...options, headers: { 'www-authenticate': challenge, ...options.headers } })
    this.code = code
  }
}

/** Who is asking is known and may not do this (RFC 9110 §15.5.4). */
export class AuthorizationError extends ProblemError {
  readonly status = 403
  readonly code = 'FORBIDDEN'
  readonly severity = 'medium'
}

/** What was asked for is not there, or not the caller's to see (RFC 9110 §15.5.5). */
export class NotFoundError extends ProblemError {
  readonly status = 404
  readonly code = 'NOT_FOUND'
  readonly severity = 'low'
}

/** The path exists, with other methods (RFC 9110 §15.5.6); `Allow` names them. */
export class MethodNotAllowedError extends ProblemError {
  readonly status = 405
  readonly code = 'METHOD_NOT_ALLOWED'
  readonly severity = 'low'

  constructor(allowed: readonly string[], options?: ProblemOptions) {
    super(`This path takes ${allowed.join(', ')}`, {
      ...options,
      headers: { allow: allowed.join(', '), ...options?.headers },
    })
  }
}

/** The request contradicts what is there already (RFC 9110 §15.5.10). */
export class ConflictError extends ProblemError {
  readonly status: 409 | 422
  readonly severity = 'low'
  readonly code: 'CONFLICT' | 'IDEMPOTENCY_IN_FLIGHT' | 'IDEMPOTENCY_MISMATCH'

  constructor(code: ConflictError['code'], message: string, options?: ProblemOptions) {
    super(message, options)
    this.code = code
    this.status = code === 'IDEMPOTENCY_MISMATCH' ? 422 : 409
  }
}

/** The body is larger than `BODY_LIMIT` (RFC 9110 §15.5.14). */
export class PayloadTooLargeError extends ProblemError {
  readonly status = 413
  readonly code = 'PAYLOAD_TOO_LARGE'
  readonly severity = 'low'
}

/** The body is of a type, or in an encoding, that this path does not take (RFC 9110 §15.5.16). */
export class UnsupportedMediaTypeError extends ProblemError {
  readonly status = 415
  readonly code = 'UNSUPPORTED_MEDIA_TYPE'
  readonly severity = 'low'
}

/** The request names a host that is not served here (RFC 9110 §15.5.20). */
export class MisdirectedRequestError extends ProblemError {
  readonly status = 421
  readonly code = 'MISDIRECTED_REQUEST'
  readonly severity = 'low'
}

/** More requests than the limit allows (RFC 6585 §4). */
export class RateLimitError extends ProblemError {
  readonly status = 429
  readonly code = 'RATE_LIMITED'
  readonly severity = 'medium'

  /** @param retryAfter whole seconds after which a request gets through, from 1 up */
  constructor(retryAfter: number, options?: ProblemOptions) {
    super(`Too many requests: try again in ${retryAfter} s`, {
      ...options,
      headers: { 'retry-after': String(retryAfter), ...options?.headers },
    })
  }
}

/** The database refused or could not be reached; `retryable` says whether trying again may help. */
export class DatabaseError extends ProblemError {
  readonly status: 500 | 503
  readonly code: 'DATABASE_ERROR' | 'DATABASE_UNAVAILABLE'
  readonly severity: 'critical' | 'high'

  constructor(retryable: boolean, options: ProblemOptions = {}) {
    super(
      retryable ? 'The database is not available: try again shortly' : 'The request failed inside',
      { ...options, headers: { ...(retryable && { 'retry-after': '1' }), ...options.headers } },
    )
    this.status = retryable ? 503 : 500
    this.code = retryable ? 'DATABASE_UNAVAILABLE' : 'DATABASE_ERROR'
    this.severity = retryable ? 'high' : 'critical'
  }
}

/** A service that this one depends on failed, or did not answer in time (RFC 9110 §15.6.3, §15.6.5). */
export class ExternalServiceError extends ProblemError {
  readonly status: 502 | 504
  readonly severity = 'high'
  readonly code: 'UPSTREAM_FAILED' | 'UPSTREAM_TIMEOUT'

  constructor(code: ExternalServiceError['code'], message: string, options?: ProblemOptions) {
    super(message, options)
    this.code = code
    this.status = code === 'UPSTREAM_TIMEOUT' ? 504 : 502
  }
}

/** The service has more work than it can finish in time (RFC 9110 §15.6.4). */
export class OverloadedError extends ProblemError {
  readonly status = 503
  readonly code = 'OVERLOADED'
  readonly severity = 'high'

  constructor(message: string, options: ProblemOptions = {}) {
    super(message, { ...options, headers: { 'retry-after': '1', ...options.headers } })
  }
}

/** Anything that nobody foresaw. The cause is in the log, under the request id. */
export class InternalError extends ProblemError {
  readonly status = 500
  readonly code = 'INTERNAL_ERROR'
  readonly severity = 'critical'

  constructor(cause: unknown) {
    super('The request failed inside', { cause })
  }
}
