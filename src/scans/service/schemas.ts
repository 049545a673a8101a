/** What comes in and goes out, in the contract's words. */
import { type } from 'arktype'
import { scanStatuses, scanTriggers } from '#db/schema/index.ts'
import { listQuery, oneOf, safeText, uuid } from '../../hooks/validation/index.ts'
import { severities } from '../model.ts'

/** A time in an answer. */
const instant = type('string').configure({ format: 'date-time' }, 'self')

const severity = oneOf(...severities)

/** What a list of vulnerabilities can be narrowed to. What is ignored is none of the open ones. */
export const vulnerabilityStatuses = ['open', 'fixed', 'ignored', 'all'] as const

/** One of {@linkcode vulnerabilityStatuses}. */
export type VulnerabilityStatus = (typeof vulnerabilityStatuses)[number]

/** Query of the list of scans. */
export const scanListQuery = type({ '...': listQuery, '+': 'reject' })

/** Query of the list of vulnerabilities. npm's longest name has 214 characters; others have more. */
export const vulnerabilityListQuery = type({
  '...': listQuery,
  '+': 'reject',
  'status?': oneOf(...vulnerabilityStatuses),
  'severity?': severity,
  'package?': safeText({ min: 1, max: 300 }),
})

/** The `:id` of a scan. Whatever is not a UUID cannot be there: that is a 404, not a fault. */
export const scanParams = type({ id: 'string' })

/** Body of a start: there is nothing to say, and least of all a path. */
export const scanStart = type({ '+': 'reject' }).configure({ title: 'ScanStart' }, 'self')

const exampleScan = {
  id: '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00',
  status: 'complete',
  trigger: 'schedule',
  startedAt: '2026-01-31T03:00:00.412Z',
  finishedAt: '2026-01-31T03:00:04.907Z',
  packages: 412,
  counts: { critical: 0, high: 1, moderate: 2, low: 0, unknown: 0 },
  new: 1,
  fixed: 0,
  outdated: 7,
  error: null,
} as const

/** A scan. */
export const scan = type({
  id: uuid,
  status: oneOf(...scanStatuses),
  trigger: oneOf(...scanTriggers),
  startedAt: instant,
  finishedAt: instant.or('null'),
  packages: 'number | null',
  counts: type({
    critical: 'number',
    high: 'number',
    moderate: 'number',
    low: 'number',
    unknown: 'number',
  }).or('null'),
  new: 'number | null',
  fixed: 'number | null',
  outdated: 'number | null',
  error: 'string | null',
}).configure({ title: 'Scan', examples: [exampleScan] }, 'self')

/** One page of scans, newest first. */
export const scanPage = type({ items: scan.array(), nextCursor: 'string | null' }).configure(
  { title: 'ScanPage' },
  'self',
)

const exampleVulnerability = {
  id: '01931f6e-5d8a-7b1e-8c22-93f04d6ab711',
  package: 'lodash',
  version: '4.17.20',
  severity: 'high',
  advisory: 'GHSA-35jh-r3h4-6jhm',
  aliases: ['CVE-2021-23337'],
  title: 'Command Injection in lodash',
  url: 'https://github.com/advisories/GHSA-35jh-r3h4-6jhm',
  path: ['lodash@4.17.20'],
  dev: false,
  fixedIn: '4.17.21',
  remedy: {
    kind: 'update',
    package: 'lodash',
    version: '4.17.21',
    breaking: false,
    write: null,
    commands: ['bun update lodash'],
    leaves: [],
  },
  firstSeenAt: '2026-01-31T03:00:04.907Z',
  lastSeenAt: '2026-01-31T03:00:04.907Z',
  fixedAt: null,
} as const

/** The smallest change that removes a vulnerability. */
const remedy = type({
  kind: oneOf('update', 'direct', 'parent', 'override'),
  package: 'string',
  version: 'string',
  breaking: 'boolean',
  write: type({ overrides: type({ '[string]': 'unknown' }) }).or('null'),
  commands: 'string[]',
  leaves: 'string[]',
}).configure({ title: 'Remedy', examples: [exampleVulnerability.remedy] }, 'self')

/** A vulnerability. */
export const vulnerability = type({
  id: uuid,
  package: 'string',
  version: 'string',
  severity,
  advisory: 'string',
  aliases: 'string[]',
  title: 'string',
  url: 'string | null',
  path: 'string[]',
  dev: 'boolean',
  fixedIn: 'string | null',
  remedy: remedy.or('null'),
  firstSeenAt: instant,
  lastSeenAt: instant,
  fixedAt: instant.or('null'),
}).configure({ title: 'Vulnerability', examples: [exampleVulnerability] }, 'self')

/** One page of vulnerabilities: open ones first, of these the worst first. */
export const vulnerabilityPage = type({
  items: vulnerability.array(),
  nextCursor: 'string | null',
}).configure({ title: 'VulnerabilityPage' }, 'self')

export type Scan = typeof scan.infer
export type ScanPage = typeof scanPage.infer
export type ScanListQuery = typeof scanListQuery.infer
export type Vulnerability = typeof vulnerability.infer
export type VulnerabilityPage = typeof vulnerabilityPage.infer
export type VulnerabilityListQuery = typeof vulnerabilityListQuery.infer
