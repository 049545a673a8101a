import { type } from 'arktype'
import { event, nothing } from './event.ts'

const role = "'admin' | 'operator' | 'auditor'"

/** Who came in, who did not, and who may come in from now on. */
export const accessEvents = {
  LOGIN_SUCCESS: event({
    tells: 'A user logged in with e-mail and password.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'session',
    details: () => nothing,
  }),
  LOGIN_FAILURE: event({
    tells: 'A login was refused; the e-mail is not kept, since people type passwords into it.',
    severity: 'WARNING',
    outcome: 'failure',
    resource: 'user',
    details: () => type({ reason: "'unknown_user' | 'wrong_password' | 'disabled' | 'locked'" }),
  }),
  ACCOUNT_LOCKED: event({
    tells:
      'Too many logins failed: one address, or every address new to the account, has to wait; without a resource for an account that does not exist.',
    severity: 'WARNING',
    outcome: 'denied',
    resource: 'user',
    details: () => type({ scope: "'address' | 'account'" }),
  }),
  LOGOUT: event({
    tells: 'A user ended a session.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'session',
    details: () => nothing,
  }),
  TOKEN_REFRESHED: event({
    tells: 'A refresh token was exchanged for new tokens.',
    severity: 'DEBUG',
    outcome: 'success',
    resource: 'session',
    details: () => nothing,
  }),
  TOKEN_REUSE_DETECTED: event({
    tells: 'A refresh token came a second time, and its session was ended.',
    severity: 'CRITICAL',
    outcome: 'denied',
    resource: 'session',
    details: () => nothing,
  }),
  PASSWORD_CHANGED: event({
    tells: "A user's password was changed, and all of their sessions ended.",
    severity: 'INFO',
    outcome: 'success',
    resource: 'user',
    details: () => nothing,
  }),
  CLIENT_CREATED: event({
    tells: 'A client (tenant) was created.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'client',
    details: () => nothing,
  }),
  CLIENT_REMOVED: event({
    tells:
      'A client that nobody worked with was removed: `caly readiness` makes such and takes them away.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'client',
    details: () => nothing,
  }),
  CLIENT_NUMBER_ADDED: event({
    tells: "A number of the business was given to a client: calls over it become that client's.",
    severity: 'INFO',
    outcome: 'success',
    resource: 'client',
    details: () => nothing,
  }),
  CLIENT_NUMBER_REMOVED: event({
    tells: 'A number of the business was taken from a client.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'client',
    details: () => nothing,
  }),
  USER_CREATED: event({
    tells: 'A user was created.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'user',
    details: () => type({ role }),
  }),
  USER_UPDATED: event({
    tells: "A user's name or role was changed, or the user was enabled again.",
    severity: 'INFO',
    outcome: 'success',
    resource: 'user',
    details: () => type({ fields: "('name' | 'role' | 'disabled')[]" }),
  }),
  USER_DISABLED: event({
    tells: 'A user was disabled, and all of their sessions ended.',
    severity: 'WARNING',
    outcome: 'success',
    resource: 'user',
    details: () => nothing,
  }),
  USER_ERASED: event({
    tells: 'A user was erased with name and e-mail, their sessions ended, their keys revoked.',
    severity: 'WARNING',
    outcome: 'success',
    resource: 'user',
    details: () => nothing,
  }),
  API_KEY_GENERATED: event({
    tells: 'An API key was made.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'api_key',
    details: () => type({ scopes: 'string[]' }),
  }),
  API_KEY_REVOKED: event({
    tells: 'An API key was revoked.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'api_key',
    details: () => nothing,
  }),
  API_KEY_EXPIRED: event({
    tells: 'An API key came to the end of its time.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'api_key',
    details: () => type({ expiresAt: 'string' }),
  }),
  ACCESS_GRANTED: event({
    tells:
      "Somebody was let in to what is the operators' own: health in detail, figures, metrics, scans.",
    severity: 'INFO',
    outcome: 'success',
    waits: false,
    details: () => type({ scope: 'string' }),
  }),
  ACCESS_DENIED: event({
    tells: 'A request was refused for want of valid credentials, or of a scope.',
    severity: 'WARNING',
    outcome: 'denied',
    details: () => type({ reason: 'string', 'scope?': 'string' }),
  }),
  VALIDATION_FAILED: event({
    tells: 'A request was refused because it was not valid; where is told, and never the value.',
    severity: 'INFO',
    outcome: 'failure',
    waits: false,
    details: () => type({ code: 'string', fields: 'string[]' }),
  }),
  RATE_LIMIT_EXCEEDED: event({
    tells: 'Somebody asked more often than a limit allows: the first time in its window.',
    severity: 'WARNING',
    outcome: 'denied',
    details: () => type({ policy: 'string' }),
  }),
  SECURITY_VIOLATION: event({
    tells: 'A request looked like an attack; `blocked` says whether it was refused.',
    severity: 'ERROR',
    outcome: 'unknown',
    outcomeWhere: { detail: 'blocked', outcome: 'denied' },
    waits: false,
    details: () => type({ findings: 'string[]', blocked: 'boolean' }),
  }),
} as const
