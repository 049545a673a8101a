import { integer, jsonb, pgTable, real, text } from 'drizzle-orm/pg-core'
import { createdAt, id } from './columns.ts'

/** One run of `caly readiness`. */
export const readinessRuns = pgTable('readiness_runs', {
  id: id(),
  createdAt: createdAt(),
  /** What was checked: the address, without credentials. */
  target: text('target').notNull(),
  version: text('version').notNull(),
  /** Passed checks of all checks; a skipped one counts as not passed. */
  percent: real('percent').notNull(),
  passed: integer('passed').notNull(),
  total: integer('total').notNull(),
  checks: jsonb('checks').$type<readonly unknown[]>().notNull(),
})
