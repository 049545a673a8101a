import { type } from 'arktype'
import { erasureDetails } from '../erasure.ts'
import { event } from './event.ts'

/** What became of the service itself, and of this trail. */
export const serviceEvents = {
  SERVICE_STARTED: event({
    tells:
      'A process began to serve; `config` is fingerprints of its settings, which only tell whether one is the same.',
    severity: 'INFO',
    outcome: 'success',
    details: () => type({ version: 'string', config: 'string' }),
  }),
  SERVICE_STOPPED: event({
    tells: 'A process stopped serving, on a signal.',
    severity: 'INFO',
    outcome: 'success',
    details: () => type({ version: 'string', uptimeSeconds: 'number' }),
  }),
  DATABASE_MIGRATED: event({
    tells: 'The tables were brought to the state that this version expects.',
    severity: 'INFO',
    outcome: 'success',
    details: () => type({ migrations: 'number' }),
  }),
  CONFIG_CHANGED: event({
    tells:
      'The service started with other settings than the last time; which, and not their values.',
    severity: 'WARNING',
    outcome: 'success',
    details: () => type({ settings: 'string[]' }),
  }),
  KEYS_REENCRYPTED: event({
    tells: 'What older keys of `ENCRYPTION_KEY` had sealed was sealed anew by the first one.',
    severity: 'WARNING',
    outcome: 'success',
    details: () => type({ rewritten: 'number', unreadable: 'number', left: 'number' }),
  }),
  AUDIT_EVENTS_DROPPED: event({
    tells:
      'Neither database nor spool could take events: so many, from one time to another, are not in this trail.',
    severity: 'CRITICAL',
    outcome: 'failure',
    details: () => type({ dropped: 'number', refused: 'number', from: 'string', to: 'string' }),
  }),
  AUDIT_ERASED: event({
    tells:
      'The personal fields of what an actor did in a month were emptied; `digest` says of which rows.',
    severity: 'WARNING',
    outcome: 'success',
    details: () => erasureDetails,
  }),
  AUDIT_MONTH_DROPPED: event({
    tells: 'The rows of a month were older than `AUDIT_RETENTION_DAYS`, and were dropped.',
    severity: 'WARNING',
    outcome: 'success',
    details: () => type({ month: 'string', rows: 'number' }),
  }),
  AUDIT_VERIFIED: event({
    tells: 'Somebody had the seals of this trail checked; `intact` says what came of it.',
    severity: 'INFO',
    outcome: 'unknown',
    details: () => type({ intact: 'boolean', rows: 'number', findings: 'number' }),
  }),
} as const
