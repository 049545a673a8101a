import type { ProblemCode } from '../src/errors.ts'
import { table } from './table.ts'

/** For each code its status, when it comes, and what a client does then. */
const codes: Readonly<Record<ProblemCode, readonly [status: string, when: string, then: string]>> =
  {
    MALFORMED_REQUEST: [
      '400',
      'the target or a header can be read in two ways',
      'mend the request',
    ],
    MALFORMED_BODY: ['400', 'the body is no JSON, or has a key twice', 'mend the request'],
    AUTHENTICATION_REQUIRED: ['401', 'no credentials were sent', 'send a token or a key'],
    INVALID_CREDENTIALS: [
      '401',
      'the token or key is not known, was revoked, or the password is wrong or has to wait',
      'log in again',
    ],
    TOKEN_EXPIRED: ['401', 'the access token is over 15 minutes old', 'refresh, and try again'],
    FORBIDDEN: [
      '403',
      'the scope is missing, or the request looks like an attack',
      'do not repeat it',
    ],
    NOT_FOUND: ['404', "it is not there, or another client's", 'do not repeat it'],
    METHOD_NOT_ALLOWED: ['405', 'the path has no such method', 'see `Allow`'],
    CONFLICT: [
      '409',
      'it contradicts what there is: an e-mail that is taken',
      'look, and change it',
    ],
    IDEMPOTENCY_IN_FLIGHT: [
      '409',
      'the same request is being worked on',
      'try again in a second, with the same key',
    ],
    IDEMPOTENCY_MISMATCH: ['422', 'the key came with another body before', 'take another key'],
    PAYLOAD_TOO_LARGE: ['413', 'the body is larger than `BODY_LIMIT`', 'send less'],
    UNSUPPORTED_MEDIA_TYPE: ['415', 'the body is not `application/json`', 'see `Accept`'],
    MISDIRECTED_REQUEST: ['421', 'the host is not in `ALLOWED_HOSTS`', 'ask the right host'],
    VALIDATION_FAILED: ['422', 'fields are not valid: `errors` names each', 'mend the request'],
    RATE_LIMITED: ['429', 'too many requests', 'wait for `Retry-After` seconds'],
    INTERNAL_ERROR: ['500', 'a fault of the service', 'report the `requestId`'],
    DATABASE_ERROR: ['500', 'the database refused', 'report the `requestId`'],
    UPSTREAM_FAILED: ['502', 'the telephone provider failed', 'try again later'],
    DATABASE_UNAVAILABLE: [
      '503',
      'no connection to the database was free in time',
      'try again after `Retry-After`, a POST with the same `Idempotency-Key`',
    ],
    OVERLOADED: [
      '503',
      'too much is under way, or the request took longer than `REQUEST_TIMEOUT`',
      'try again after `Retry-After`, a POST with the same `Idempotency-Key`',
    ],
    UPSTREAM_TIMEOUT: ['504', 'the telephone provider did not answer', 'try again later'],
  }

/** Every code, by status. */
export const codeTable = (): string =>
  table(
    ['status', '`code`', 'when', 'then'],
    Object.entries(codes)
      .sort(([, [one]], [, [other]]) => Number(one) - Number(other))
      .map(([code, [status, when, then]]) => [status, `\`${code}\``, when, then]),
  )
