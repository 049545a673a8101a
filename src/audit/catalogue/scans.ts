import { type } from 'arktype'
import { scanTriggers, vulnerabilitySeverities } from '#db/schema/index.ts'
import type { AuditSeverity } from './event.ts'
import { event } from './event.ts'

const trigger = type.enumerated(...scanTriggers)
const severity = type.enumerated(...vulnerabilitySeverities)

/** What is open once a scan is over, by severity, and what it changed. */
const outcome = {
  packages: 'number',
  critical: 'number',
  high: 'number',
  moderate: 'number',
  low: 'number',
  unknown: 'number',
  new: 'number',
  fixed: 'number',
} as const

/** Which vulnerability, in what, and in which scan. */
const found = type({
  package: 'string',
  version: 'string',
  advisory: 'string',
  severity,
  development: 'boolean',
  'fixedIn?': 'string',
  /** Present where it was known already, and is rated worse now. */
  'was?': severity,
  scan: 'string',
})

/** One type a severity: what is read by severity is found by type. */
const foundOf = (rated: string, severity: AuditSeverity) =>
  event({
    tells: `A scan found a vulnerability, ${rated}, that was not open before or was rated lower.`,
    severity,
    outcome: 'success',
    resource: 'vulnerability',
    details: () => found,
  })

/** What scans of the service's own dependencies came to. */
export const scanEvents = {
  SCAN_STARTED: event({
    tells: 'A scan for vulnerabilities began: by its schedule, or since somebody asked for it.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'scan',
    details: () => type({ trigger }),
  }),
  SCAN_COMPLETED: event({
    tells: 'A scan looked at everything; what is open, what is new, what is gone.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'scan',
    details: () => type(outcome),
  }),
  SCAN_INCOMPLETE: event({
    tells:
      'A scan could not ask about everything; nothing was taken as fixed, and `reason` says why.',
    severity: 'WARNING',
    outcome: 'failure',
    resource: 'scan',
    details: () => type({ ...outcome, reason: 'string' }),
  }),
  SCAN_FAILED: event({
    tells: 'A scan could say nothing; what was known before stands, and `reason` says why.',
    severity: 'ERROR',
    outcome: 'failure',
    resource: 'scan',
    details: () => type({ reason: 'string' }),
  }),
  VULNERABILITY_FOUND_CRITICAL: foundOf('rated critical', 'CRITICAL'),
  VULNERABILITY_FOUND_HIGH: foundOf('rated high', 'ERROR'),
  VULNERABILITY_FOUND_MODERATE: foundOf('rated moderate', 'WARNING'),
  VULNERABILITY_FOUND_LOW: foundOf('rated low', 'INFO'),
  VULNERABILITY_FOUND_UNRATED: foundOf('not rated yet', 'WARNING'),
  VULNERABILITY_FIXED: event({
    tells: 'A vulnerability that was open is gone: a complete scan did not find it any more.',
    severity: 'INFO',
    outcome: 'success',
    resource: 'vulnerability',
    details: () =>
      type({
        package: 'string',
        version: 'string',
        advisory: 'string',
        severity,
        scan: 'string',
      }),
  }),
} as const
