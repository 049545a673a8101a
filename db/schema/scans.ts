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

const severities = ['critical', 'high', 'moderate', 'low', 'unknown'] as const

/** One look at a project's dependencies. */
export const scans = pgTable(
  'scans',
  {
    id: id(),
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    status: text('status', { enum: ['running', 'complete', 'incomplete', 'failed'] }).notNull(),
    /** `schedule`, `api` or `shell`. */
    trigger: text('trigger').notNull(),
    startedAt: instant('started_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
    packages: integer('packages'),
    /** Findings by severity. */
    counts: jsonb('counts').$type<Readonly<Record<string, number>>>(),
    newFindings: integer('new_findings'),
    fixedFindings: integer('fixed_findings'),
    outdated: integer('outdated'),
    error: text('error'),
  },
  (table) => [index('scans_client').on(table.clientId, table.startedAt)],
)

/** A known vulnerability in an installed package, from when it was first seen until it is gone. */
export const vulnerabilities = pgTable(
  'vulnerabilities',
  {
    id: id(),
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    package: text('package').notNull(),
    version: text('version').notNull(),
    severity: text('severity', { enum: severities }).notNull(),
    /** The advisory's main id, as GHSA-… or CVE-…. */
    advisory: text('advisory').notNull(),
    aliases: text('aliases').array().notNull(),
    title: text('title').notNull(),
    url: text('url'),
    /** From the root to the package. */
    path: text('path').array().notNull(),
    dev: boolean('dev').notNull(),
    fixedIn: text('fixed_in'),
    remedy: text('remedy'),
    firstSeenAt: instant('first_seen_at').notNull().defaultNow(),
    lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
    fixedAt: instant('fixed_at'),
    lastScanId: uuid('last_scan_id').references(() => scans.id),
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
  ],
)
