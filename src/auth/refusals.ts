import type { AuthenticationError } from '../errors.ts'
import type { DenialReason } from './denials.ts'

/** What is wrong: for the trail, and for the client. */
export interface Refusal {
  readonly reason: DenialReason
  readonly code: AuthenticationError['code']
  readonly message: string
}

/** Why credentials are not taken. */
export const refusals = {
  none: {
    reason: 'no_credentials',
    code: 'AUTHENTICATION_REQUIRED',
    message: 'Send an access token or an API key as Authorization: Bearer',
  },
  malformed: {
    reason: 'malformed_credentials',
    code: 'INVALID_CREDENTIALS',
    message: 'The credentials are not an access token or an API key',
  },
  conflicting: {
    reason: 'conflicting_credentials',
    code: 'INVALID_CREDENTIALS',
    message: 'Authorization and X-API-Key disagree',
  },
  token: {
    reason: 'invalid_token',
    code: 'INVALID_CREDENTIALS',
    message: 'The access token is not valid, or its session has ended',
  },
  expiredToken: {
    reason: 'expired',
    code: 'TOKEN_EXPIRED',
    message: 'The access token has expired: refresh it',
  },
  key: {
    reason: 'invalid_key',
    code: 'INVALID_CREDENTIALS',
    message: 'The API key is not valid, or was revoked',
  },
  expiredKey: {
    reason: 'expired',
    code: 'TOKEN_EXPIRED',
    message: 'The API key has expired',
  },
} as const satisfies Record<string, Refusal>
