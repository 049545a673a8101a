/**
 * What the statistics of calls are read from: sums by day (UTC) instead of the calls of a year. No
 * number, name or id of a call is in them, and they outlive an erasure, as the erased row does.
 */
import {
  bigint,
  date,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { callDirections, callStatuses } from './calls.ts'

/** What a call counts under. No foreign key: the call has one, and each would be a lock more. */
const key = () => ({
  clientId: uuid('client_id').notNull(),
  day: date('day').notNull(),
  direction: text('direction', { enum: callDirections }).notNull(),
  status: text('status', { enum: callStatuses }).notNull(),
})

/**
 * What triggers on `calls` write down, in the transaction of the change: one call more, or one less.
 * Only ever added to, so that no writer waits for another. A job adds them up, and then they go.
 */
export const callChanges = pgTable(
  'call_changes',
  {
    ...key(),
    id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
    /** Talk time, of a completed call. */
    seconds: integer('seconds'),
    /** 1 or -1; another number where many were counted at once. */
    calls: integer('calls').notNull(),
  },
  (table) => [
    primaryKey({ name: 'call_changes_pk', columns: [table.clientId, table.day, table.id] }),
  ],
)

/** Calls by day, direction and status. With the changes, every call is counted. */
export const callSums = pgTable(
  'call_sums',
  {
    ...key(),
    calls: integer('calls').notNull(),
    /** Talk time of all of them. */
    seconds: bigint('seconds', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'call_sums_pk',
      columns: [table.clientId, table.day, table.direction, table.status],
    }),
  ],
)

/** Completed calls by day and class of talk time: where a percentile lies. */
export const callClasses = pgTable(
  'call_classes',
  {
    clientId: uuid('client_id').notNull(),
    day: date('day').notNull(),
    /** See src/calls/stats-classes.ts. */
    class: smallint('class').notNull(),
    calls: integer('calls').notNull(),
  },
  (table) => [
    primaryKey({ name: 'call_classes_pk', columns: [table.clientId, table.day, table.class] }),
  ],
)

/** Completed calls by talk time, to the second: read for the one class that a percentile lies in. */
export const callDurations = pgTable(
  'call_durations',
  {
    clientId: uuid('client_id').notNull(),
    class: smallint('class').notNull(),
    day: date('day').notNull(),
    seconds: integer('seconds').notNull(),
    calls: integer('calls').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'call_durations_pk',
      columns: [table.clientId, table.class, table.day, table.seconds],
    }),
  ],
)
