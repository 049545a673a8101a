import { type Type, type } from 'arktype'
import { callStatuses } from '#db/schema/index.ts'

/** How much an event matters to an operator. */
export type AuditSeverity = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'

/** How the action ended that an event speaks of. */
export type AuditOutcome = 'success' | 'failure' | 'denied' | 'unknown'

/** One type of event: what all of its rows have in common. */
export interface AuditEventType<Details> {
  readonly severity: AuditSeverity
  readonly outcome: AuditOutcome
  readonly details: Type<Details>
}

const event = <Details>(declaration: AuditEventType<Details>) => declaration

const nothing = type({})
const callStatus = type.enumerated(...callStatuses)
const loginFailure = type({ reason: "'unknown_user' | 'wrong_password' | 'disabled' | 'locked'" })

/** Every event that the trail knows. The type of `details` follows the name. */
export const auditEvents = {
  /** A user logged in with e-mail and password. */
  LOGIN_SUCCESS: event({ severity: 'INFO', outcome: 'success', details: nothing }),
  /** A login was refused. The e-mail is not kept: people type passwords into it. */
  LOGIN_FAILURE: event({ severity: 'WARNING', outcome: 'failure', details: loginFailure }),
  /**
   * Too many logins failed: from now on one address, or every address where the user has not logged
   * in before, has to wait. Without a resource for an account that does not exist.
   */
  ACCOUNT_LOCKED: event({
    severity: 'WARNING',
    outcome: 'denied',
    details: type({ scope: "'address' | 'account'" }),
  }),
  /** A user ended a session. */
  LOGOUT: event({ severity: 'INFO', outcome: 'success', details: nothing }),
  /** A refresh token was exchanged for new ones. */
  TOKEN_REFRESHED: event({ severity: 'DEBUG', outcome: 'success', details: nothing }),
  /** A refresh token came a second time: its family was revoked. */
  TOKEN_REUSE_DETECTED: event({ severity: 'CRITICAL', outcome: 'denied', details: nothing }),
  /** A user's password was changed, and all sessions ended. */
  PASSWORD_CHANGED: event({ severity: 'INFO', outcome: 'success', details: nothing }),
  /** A user was created. */
  USER_CREATED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ role: "'admin' | 'operator' | 'auditor'" }),
  }),
  /** A user's name or role was changed. */
  USER_UPDATED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ fields: 'string[]' }),
  }),
  /** A user was disabled, and all sessions ended. */
  USER_DISABLED: event({ severity: 'WARNING', outcome: 'success', details: nothing }),
  /** A user was erased with name and e-mail, all sessions ended, their keys revoked. */
  USER_ERASED: event({ severity: 'WARNING', outcome: 'success', details: nothing }),
  /** A tenant was created. */
  CLIENT_CREATED: event({ severity: 'INFO', outcome: 'success', details: nothing }),
  /** An API key was made. */
  API_KEY_GENERATED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ scopes: 'string[]' }),
  }),
  /** An API key was revoked. */
  API_KEY_REVOKED: event({ severity: 'INFO', outcome: 'success', details: nothing }),
  /** What older keys of `ENCRYPTION_KEY` had sealed was sealed anew by the first one. */
  KEYS_REENCRYPTED: event({
    severity: 'WARNING',
    outcome: 'success',
    details: type({ rewritten: 'number', unreadable: 'number', left: 'number' }),
  }),
  /** A request was refused for want of a scope, or of valid credentials. */
  ACCESS_DENIED: event({
    severity: 'WARNING',
    outcome: 'denied',
    details: type({ reason: 'string', 'scope?': 'string' }),
  }),
  /** A call was accepted, and is about to be placed. */
  CALL_QUEUED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ record: 'boolean' }),
  }),
  /** The provider took the call. */
  CALL_PLACED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ provider: 'string' }),
  }),
  /** A call moved to another status. */
  CALL_STATUS_CHANGED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ from: callStatus, to: callStatus, source: 'string' }),
  }),
  /** A call's notes or tags were changed. */
  CALL_UPDATED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ fields: 'string[]' }),
  }),
  /** Somebody was given the recording of a call. */
  CALL_RECORDING_READ: event({ severity: 'INFO', outcome: 'success', details: nothing }),
  /** A call's personal data was erased from every table. */
  CALL_ERASED: event({ severity: 'WARNING', outcome: 'success', details: nothing }),
  /** A callback of the provider was stored. */
  WEBHOOK_RECEIVED: event({
    severity: 'DEBUG',
    outcome: 'success',
    details: type({ provider: 'string' }),
  }),
  /** A callback was refused (wrong secret) or could not be used; `reason` says why. */
  WEBHOOK_REJECTED: event({
    severity: 'WARNING',
    outcome: 'denied',
    details: type({ provider: 'string', reason: 'string' }),
  }),
  /** A process began to serve. */
  SERVICE_STARTED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ version: 'string' }),
  }),
  /** A process stopped serving, on a signal. */
  SERVICE_STOPPED: event({
    severity: 'INFO',
    outcome: 'success',
    details: type({ version: 'string', uptimeSeconds: 'number' }),
  }),
} as const

/** The name of an event. */
export type AuditEventName = keyof typeof auditEvents

/** What an event of that name tells beside the columns. */
export type AuditDetails<Name extends AuditEventName> =
  (typeof auditEvents)[Name]['details']['infer']
