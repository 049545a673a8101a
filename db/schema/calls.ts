import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { clients } from './clients.ts'
import { bytes, createdAt, id, instant } from './columns.ts'

/** Every state a call can be in; the last five are final. */
export const callStatuses = [
  'queued',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'no-answer',
  'failed',
  'canceled',
] as const

/** Which way a call went, seen from the business. */
export const callDirections = ['outbound', 'inbound'] as const

/** A phone call. Numbers, notes and the custom field are sealed (AES-256-GCM) in one blob. */
export const calls = pgTable(
  'calls',
  {
    id: id(),
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    status: text('status', { enum: callStatuses }).notNull(),
    direction: text('direction', { enum: callDirections }).notNull(),
    /** `exotel` or `simulator`. */
    provider: text('provider').notNull(),
    /** The provider's own id, once it is known. */
    providerCallId: text('provider_call_id'),
    /** Whether that id was only guessed, by a search: better evidence takes it back. */
    guessed: boolean('guessed').notNull().default(false),
    /** `{from, to, customField, notes, recordingUrl}`, encrypted; null once erased. */
    sealed: bytes('sealed'),
    /** Keyed blind indexes of the two numbers: equal numbers have equal values. */
    fromIndex: bytes('from_index'),
    toIndex: bytes('to_index'),
    record: boolean('record').notNull().default(false),
    tags: text('tags').array().notNull().default(sql`'{}'::text[]`),
    createdAt: createdAt(),
    /** When the provider was asked to place it; set before the request, so that a crash in between
     * is known and the call is never placed again. */
    dispatchedAt: instant('dispatched_at'),
    startedAt: instant('started_at'),
    answeredAt: instant('answered_at'),
    endedAt: instant('ended_at'),
    durationSeconds: integer('duration_seconds'),
    recordingAvailable: boolean('recording_available').notNull().default(false),
    failureReason: text('failure_reason'),
    /** The last time anything was heard of the call: what reconciliation goes by. */
    lastHeardAt: instant('last_heard_at').notNull().defaultNow(),
    /** When the provider's own record of a finished call is read next: it settles late. Null: read. */
    inquireAt: instant('inquire_at'),
    erasedAt: instant('erased_at'),
    /** The span that began it (a `traceparent`), which later traces about it link to; null if not kept. */
    traceOrigin: text('trace_origin'),
  },
  (table) => [
    index('calls_client').on(table.clientId, table.id),
    index('calls_client_status').on(table.clientId, table.status, table.id),
    index('calls_client_direction').on(table.clientId, table.direction, table.id),
    index('calls_client_created').on(table.clientId, table.createdAt),
    index('calls_client_from').on(table.clientId, table.fromIndex, table.id),
    index('calls_client_to').on(table.clientId, table.toIndex, table.id),
    uniqueIndex('calls_provider_id')
      .on(table.provider, table.providerCallId)
      .where(sql`${table.providerCallId} is not null`),
    // Without erased ones: what is erased while it is open stays so, and would be in the way for ever.
    index('calls_open')
      .on(table.lastHeardAt)
      .where(
        sql`${table.status} in ('queued', 'ringing', 'in-progress') and ${table.erasedAt} is null`,
      ),
    // What the provider has of them now: few, however many wait for their turn.
    index('calls_live')
      .on(table.provider)
      .where(
        sql`${table.status} in ('queued', 'ringing', 'in-progress') and ${table.dispatchedAt} is not null and ${table.erasedAt} is null`,
      ),
    // Those that it has not named yet, erased ones too.
    index('calls_unnamed')
      .on(table.dispatchedAt)
      .where(
        sql`${table.status} in ('queued', 'ringing', 'in-progress') and ${table.dispatchedAt} is not null and ${table.providerCallId} is null`,
      ),
    index('calls_inquire').on(table.inquireAt).where(sql`${table.inquireAt} is not null`),
    check(
      'calls_status',
      sql`${table.status} in ('queued', 'ringing', 'in-progress', 'completed', 'busy', 'no-answer', 'failed', 'canceled')`,
    ),
    check('calls_direction', sql`${table.direction} in ('outbound', 'inbound')`),
  ],
)

/** Everything that was heard of a call, in the order in which it was heard; never changed. */
export const callEvents = pgTable(
  'call_events',
  {
    id: id(),
    callId: uuid('call_id')
      .notNull()
      .references(() => calls.id, { onDelete: 'cascade' }),
    /** The status that this event speaks for. */
    status: text('status', { enum: callStatuses }).notNull(),
    /** Who said so: `api`, `provider`, `callback`, `reconciliation`. */
    source: text('source').notNull(),
    /** When it happened, by the one who said so. */
    at: instant('at').notNull(),
    createdAt: createdAt(),
    /** The stored webhook that brought it. */
    webhookEventId: uuid('webhook_event_id'),
  },
  (table) => [index('call_events_call').on(table.callId, table.id)],
)

/** Each callback as it arrived, stored before it is judged. */
export const webhookEvents = pgTable(
  'webhook_events',
  {
    id: id(),
    provider: text('provider').notNull(),
    /** Null until it is known whose call it is about. */
    clientId: uuid('client_id').references(() => clients.id),
    callId: uuid('call_id'),
    /** SHA-256 over what makes two deliveries the same event. */
    fingerprint: bytes('fingerprint').notNull(),
    /** Method, query, content type and raw body, encrypted; null once erased. */
    sealed: bytes('sealed'),
    state: text('state', {
      enum: ['received', 'applied', 'ignored', 'unmatched', 'malformed', 'erased'],
    })
      .notNull()
      .default('received'),
    /** Why it was not applied, in a word. */
    reason: text('reason'),
    /** Deliveries of the same event: retries and duplicates count here. */
    deliveries: integer('deliveries').notNull().default(1),
    receivedAt: instant('received_at').notNull().defaultNow(),
    processedAt: instant('processed_at'),
  },
  (table) => [
    uniqueIndex('webhook_events_fingerprint').on(table.provider, table.fingerprint),
    index('webhook_events_call').on(table.callId),
    index('webhook_events_state').on(table.state, table.receivedAt),
  ],
)

/** What was answered to a request with an `Idempotency-Key`, for 24 hours. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    /** SHA-256 of the key: it may hold anything. */
    keyHash: bytes('key_hash').notNull(),
    /** Keyed hash of route and body: another body under the same key is a mistake. */
    requestHash: bytes('request_hash').notNull(),
    callId: uuid('call_id'),
    statusCode: integer('status_code'),
    /** The answer's body, encrypted. */
    sealed: bytes('sealed'),
    createdAt: createdAt(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'idempotency_keys_pk', columns: [table.clientId, table.keyHash] }),
    index('idempotency_keys_expiry').on(table.expiresAt),
    // Erasure empties the answers of one call.
    index('idempotency_keys_call').on(table.callId),
  ],
)
