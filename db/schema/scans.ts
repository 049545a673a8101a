/**
 * What scans of the service's own dependencies found: a row a scan, and a row a vulnerability in a
 * package, from when it was first seen until it is gone.
 */
import { sql } from 'drizzle-orm'
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { clients } from './clients.ts'
import { createdAt, id, instant } from './columns.ts'

/** How a scan stands. */
export const scanStatuses = ['running', 'complete', 'incomplete', 'failed'] as const

/** What set a scan off. */
export const scanTriggers = ['schedule', 'api'] as const

/** How bad a vulnerability is, the worst first; the API's lists go by this order. */
export const vulnerabilitySeverities = ['critical', 'high', 'moderate', 'low', 'unknown'] as const

/** What removes a vulnerability: `Remedy` of src/scans/model.ts, as JSON. */
export interface StoredRemedy {
  readonly kind: 'update' | 'direct' | 'parent' | 'override'
  readonly package: string
  readonly version: string
  readonly breaking: boolean
  readonly write: { readonly overrides: Readonly<Record<string, unknown>> } | null
  readonly commands: readonly string[]
  readonly leaves: readonly string[]
}

/** Why a vulnerability does not count. */
export interface StoredIgnore {
  readonly reason: string
  readonly expires: string | null
}

/** One look at the service's dependencies. */
export const scans = pgTable(
  'scans',
  {
    id: id(),
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    status: text('status', { enum: scanStatuses }).notNull(),
    trigger: text('trigger', { enum: scanTriggers }).notNull(),
    startedAt: instant('started_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
    packages: integer('packages'),
    /** Open vulnerabilities by severity, once this scan was over; what is ignored is not counted. */
    counts: jsonb('counts').$type<Readonly<Record<string, number>>>(),
    newFindings: integer('new_findings'),
    fixedFindings: integer('fixed_findings'),
    outdated: integer('outdated'),
    error: text('error'),
  },
  (table) => [
    index('scans_list').on(table.clientId, table.id),
    // One at a time: whoever begins another one is told of the one that runs.
    uniqueIndex('scans_running').on(table.clientId).where(sql`${table.status} = 'running'`),
  ],
)

/** A known vulnerability in an installed package. */
export const vulnerabilities = pgTable(
  'vulnerabilities',
  {
    id: id(),
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    package: text('package').notNull(),
    version: text('version').notNull(),
    severity: text('severity', { enum: vulnerabilitySeverities }).notNull(),
    /** The advisory's main id, as GHSA-… or CVE-…. It may change: the aliases tell that it is the same. */
    advisory: text('advisory').notNull(),
    aliases: text('aliases').array().notNull(),
    title: text('title').notNull(),
    url: text('url'),
    /** From the project's own dependency to the package: the shortest way. */
    path: text('path').array().notNull(),
    dev: boolean('dev').notNull(),
    fixedIn: text('fixed_in'),
    remedy: jsonb('remedy').$type<StoredRemedy>(),
    /** Null where it counts. */
    ignored: jsonb('ignored').$type<StoredIgnore>(),
    firstSeenAt: instant('first_seen_at').notNull().defaultNow(),
    lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
    fixedAt: instant('fixed_at'),
    lastScanId: uuid('last_scan_id').references(() => scans.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('vulnerabilities_finding').on(
      table.clientId,
      table.package,
      table.version,
      table.advisory,
    ),
    index('vulnerabilities_open').on(table.clientId, table.fixedAt, table.severity),
    // Without it, each scan that retention deletes would read the whole table.
    index('vulnerabilities_scan').on(table.lastScanId),
  ],
)
