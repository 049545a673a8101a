import {
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  ExternalServiceError,
  InternalError,
  MalformedBodyError,
  MisdirectedRequestError,
  NotFoundError,
  OverloadedError,
  PayloadTooLargeError,
  type ProblemError,
  RateLimitError,
  UnsupportedMediaTypeError,
  ValidationError,
} from '../errors.ts'
import { type ProblemBody, problemBody } from '../hooks/problem-details/index.ts'

const errors: readonly ProblemError[] = [
  new MalformedBodyError('The body cannot be read'),
  new AuthenticationError(
    'AUTHENTICATION_REQUIRED',
    'Send an access token or an API key as Authorization: Bearer',
  ),
  new AuthorizationError('This needs the scope calls:write'),
  new NotFoundError('There is no such call'),
  new ConflictError(
    'IDEMPOTENCY_IN_FLIGHT',
    'A request with this Idempotency-Key is still in work',
  ),
  new PayloadTooLargeError('The body may hold 1048576 bytes at most'),
  new UnsupportedMediaTypeError('The body must be application/json'),
  new MisdirectedRequestError('This host is not served here'),
  new ValidationError([
    { path: 'body.to', code: 'phone', message: 'must be an E.164 phone number' },
  ]),
  new RateLimitError(30),
  new InternalError(undefined),
  new ExternalServiceError('UPSTREAM_FAILED', 'The recording cannot be had now'),
  new OverloadedError('The request took too long and was stopped'),
  new ExternalServiceError('UPSTREAM_TIMEOUT', 'The recording cannot be had now'),
]

const place = { instance: '/api/calls', requestId: '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00' }

/**
 * A problem as it is sent with a status: made like those that are, so that it cannot say otherwise.
 *
 * @throws {Error} if no problem has that status
 */
export function problemExample(status: number): ProblemBody {
  const error = errors.find((each) => each.status === status)
  if (error === undefined) throw new Error(`There is no example of a problem with ${status}`)
  return problemBody(error, place)
}
