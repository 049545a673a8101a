import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, createdAt, id, instant, xid8 } from './columns.ts'

/**
 * The audit trail: append-only by triggers, partitioned by month (the migration says so; drizzle
 * has no words for it). The key and its time are fixed by the writer, so that a repeated insert is
 * the same row.
 */
export const auditLogs = pgTable(
  'audit_logs',
  {
    id: uuid('id').notNull(),
    createdAt: instant('created_at').notNull(),
    eventType: text('event_type').notNull(),
    severity: text('severity', {
      enum: ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'],
    }).notNull(),
    outcome: text('outcome', { enum: ['success', 'failure', 'denied', 'unknown'] }).notNull(),
    /** No foreign key: the trail outlives what it speaks of. */
    clientId: uuid('client_id').notNull(),
    /** `user`, `api_key`, `provider`, `system`, `shell` or `anonymous`. */
    actorType: text('actor_type').notNull(),
    actorId: text('actor_id'),
    ip: text('ip'),
    userAgent: text('user_agent'),
    requestId: text('request_id'),
    traceId: text('trace_id'),
    method: text('method'),
    /** The route's template: a path can hold secrets. */
    path: text('path'),
    statusCode: integer('status_code'),
    resourceType: text('resource_type'),
    resourceId: text('resource_id'),
    details: jsonb('details').$type<Readonly<Record<string, unknown>>>().notNull().default({}),
    /** The writing transaction: seals take only rows below `pg_snapshot_xmin`. */
    writtenBy: xid8('written_by').notNull().default(sql`pg_current_xact_id()`),
  },
  (table) => [
    primaryKey({ name: 'audit_logs_pk', columns: [table.id, table.createdAt] }),
    index('audit_logs_created').on(table.createdAt),
    index('audit_logs_client').on(table.clientId, table.createdAt),
    index('audit_logs_event').on(table.eventType.op('text_pattern_ops'), table.createdAt),
    index('audit_logs_severity').on(table.severity, table.createdAt),
    index('audit_logs_actor').on(table.actorId, table.createdAt),
    index('audit_logs_resource').on(table.resourceType, table.resourceId, table.createdAt),
    index('audit_logs_request').on(table.requestId),
  ],
)

/** The signed Merkle root of one batch of audit rows, chained to the one before. */
export const auditSeals = pgTable('audit_seals', {
  id: id(),
  /** 1, 2, 3 …: the chain has no gap. */
  position: bigint('position', { mode: 'number' }).notNull().unique(),
  createdAt: createdAt(),
  /** The month that all rows of the seal are in. */
  month: text('month').notNull(),
  firstRowId: uuid('first_row_id').notNull(),
  lastRowId: uuid('last_row_id').notNull(),
  rowCount: integer('row_count').notNull(),
  /** Rows in this seal and all before. */
  totalCount: bigint('total_count', { mode: 'number' }).notNull(),
  root: bytes('root').notNull(),
  previousHash: bytes('previous_hash').notNull(),
  signature: bytes('signature').notNull(),
  keyId: text('key_id').notNull(),
  sealedUntil: instant('sealed_until').notNull(),
})
