import { type } from 'arktype'
import { callDirections, callStatuses } from '#db/schema/index.ts'
import { event, nothing } from './event.ts'

const callStatus = type.enumerated(...callStatuses)
const callDirection = type.enumerated(...callDirections)
const several = type({ of: 'string', count: 'number' })

/** What became of the data: calls, what the provider says of them, and who saw what. */
export const dataEvents = {
  CALL_QUEUED: event({
    tells: 'A call was accepted, and is about to be placed.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'call',
    details: () => type({ record: 'boolean' }),
  }),
  CALL_RECEIVED: event({
    tells:
      'The provider told of a call that was not placed here (incoming, or from its dashboard), over a number of the client.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'call',
    details: () => type({ direction: callDirection }),
  }),
  CALL_PLACED: event({
    tells: 'The provider took a call.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'call',
    details: () => type({ provider: 'string' }),
  }),
  CALL_STATUS_CHANGED: event({
    tells: 'A call moved to another status.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'call',
    details: () => type({ from: callStatus, to: callStatus, source: 'string' }),
  }),
  CALL_UPDATED: event({
    tells: "A call's notes or tags were changed.",
    severity: 'INFO',
    outcome: 'success',
    resource: 'call',
    details: () => type({ fields: 'string[]' }),
  }),
  CALL_RECORDING_READ: event({
    tells: 'Somebody was given the recording of a call.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'call',
    details: () => nothing,
  }),
  CALL_ERASED: event({
    tells: "A call's personal data was erased from every table.",
    severity: 'WARNING',
    outcome: 'success',
    resource: 'call',
    details: () => nothing,
  }),
  WEBHOOK_RECEIVED: event({
    tells: 'A callback of the provider was stored.',
    severity: 'DEBUG',
    outcome: 'success',
    resource: 'webhook',
    details: () => type({ provider: 'string' }),
  }),
  WEBHOOK_REJECTED: event({
    tells: 'A callback was refused (wrong secret) or could not be used; `reason` says why.',
    severity: 'WARNING',
    outcome: 'denied',
    resource: 'webhook',
    details: () => type({ provider: 'string', reason: 'string' }),
  }),
  DATA_CREATED: event({
    tells: 'The service made of its own accord what data is kept in: months of this trail.',
    severity: 'DEBUG',
    outcome: 'success',
    details: () => several,
  }),
  DATA_READ: event({
    tells:
      'Somebody was shown users, keys, calls, callbacks or this trail: one thing, or so many of a list.',
    severity: 'DEBUG',
    outcome: 'success',
    waits: false,
    resource: 'call',
    details: () => several,
  }),
  DATA_UPDATED: event({
    tells: 'Rows of a table were sealed anew, with the first key of `ENCRYPTION_KEY`.',
    severity: 'INFO',
    outcome: 'success',
    details: () => several,
  }),
  DATA_DELETED: event({
    tells: 'Rows that had had their day were deleted by retention.',
    severity: 'INFO',
    outcome: 'success',
    details: () => several,
  }),
  DATA_EXPORTED: event({
    tells: 'Somebody began to take the trail out, or all of it that is about one person.',
    severity: 'WARNING',
    outcome: 'success',
    details: () => type({ of: 'string', format: "'ndjson' | 'csv'", filters: 'string[]' }),
  }),
} as const
