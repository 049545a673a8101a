import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, createdAt, instant, xid8 } from './columns.ts'

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
    /** Its member `personal` is the one place here where personal data may stand. */
    details: jsonb('details').$type<Readonly<Record<string, unknown>>>().notNull().default({}),
    /** The writing transaction: seals take only rows below `pg_snapshot_xmin`. */
    writtenBy: xid8('written_by').notNull().default(sql`pg_current_xact_id()`),
    /** 16 random bytes, without which the commitment tells nothing; null once erased. */
    personalSalt: bytes('personal_salt'),
    /** What stays of address, user agent, actor and personal details (`personalCommitment`). */
    personalCommitment: bytes('personal_commitment').notNull(),
    /** Key id and HMAC-SHA-256 of the sealed form; null in rows older than the seals. */
    mac: bytes('mac'),
    /** Which erasure emptied the personal fields: the digest that its event states. */
    erasure: bytes('erasure'),
  },
  (table) => [
    primaryKey({ name: 'audit_logs_pk', columns: [table.id, table.createdAt] }),
    index('audit_logs_created').on(table.createdAt),
    index('audit_logs_client').on(table.clientId, table.createdAt),
    index('audit_logs_client_event').on(
      table.clientId,
      table.eventType,
      table.createdAt.desc().nullsLast(),
    ),
    index('audit_logs_event').on(table.eventType.op('text_pattern_ops'), table.createdAt),
    index('audit_logs_severity').on(table.severity, table.createdAt),
    index('audit_logs_actor').on(table.actorId, table.createdAt),
    index('audit_logs_resource').on(table.resourceType, table.resourceId, table.createdAt),
    index('audit_logs_request').on(table.requestId),
    index('audit_logs_written').on(table.writtenBy, table.id),
    index('audit_logs_erasure').on(table.erasure).where(sql`${table.erasure} is not null`),
  ],
)

/**
 * The chain of seals. Each is the signed Merkle root of the rows that transactions of an interval
 * wrote into one month, or the signed note that a month was dropped; each holds the hash of the one
 * before. The signature is over the other columns (`src/audit/seals/seal.ts`).
 */
export const auditSeals = pgTable('audit_seals', {
  /** 1, 2, 3 …: the chain has no gap. */
  position: bigint('position', { mode: 'number' }).primaryKey(),
  /** Of the signed form. */
  version: integer('version').notNull(),
  kind: text('kind', { enum: ['rows', 'drop'] }).notNull(),
  createdAt: instant('created_at').notNull(),
  /** `YYYY-MM`, UTC: the month that all rows of the seal are in. */
  month: text('month').notNull(),
  /** Rows of this transaction and later ones. */
  fromXid: xid8('from_xid').notNull(),
  /** Rows of earlier transactions than this one. The next interval begins with it. */
  toXid: xid8('to_xid').notNull(),
  rowCount: bigint('row_count', { mode: 'number' }).notNull(),
  /** How many of them no key of Caly's had written: somebody else did. */
  forgedCount: bigint('forged_count', { mode: 'number' }).notNull(),
  /** Rows in this seal and all before. */
  totalCount: bigint('total_count', { mode: 'number' }).notNull(),
  root: bytes('root').notNull(),
  previousHash: bytes('previous_hash').notNull(),
  keyId: text('key_id').notNull(),
  signature: bytes('signature').notNull(),
})

/** The leaves of each seal, so that a verifier can name the row that is not as it was. */
export const auditSealLeaves = pgTable('audit_seal_leaves', {
  position: bigint('position', { mode: 'number' }).primaryKey(),
  /** For each row, in the order of ids: its id (16 bytes) and its leaf hash (32). */
  leaves: bytes('leaves').notNull(),
})

/** The public keys that seals were signed with (Ed25519). */
export const auditSealKeys = pgTable('audit_seal_keys', {
  /** The key's thumbprint (RFC 7638). */
  keyId: text('key_id').primaryKey(),
  publicKey: bytes('public_key').notNull(),
  createdAt: createdAt(),
})

/** Where the seals begin: rows of earlier transactions have no MAC. One row. */
export const auditSealStart = pgTable('audit_seal_start', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  xid: xid8('xid').notNull(),
  createdAt: createdAt(),
})

/** What the owner of the tables says, and a service's role that owns nothing only reads. One row. */
export const auditSettings = pgTable('audit_settings', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  /** Days after its end before which the database drops no month. */
  retentionDays: integer('retention_days').notNull().default(365),
})
