import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
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
import { bytes, createdAt, id, instant, xid8 } from './columns.ts'

/** A person who logs in with an e-mail address and a password. */
export const users = pgTable(
  'users',
  {
    id: id(),
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    /** Lower case; unique over all clients, since it alone names the account at login. */
    email: text('email').notNull(),
    name: text('name').notNull(),
    role: text('role', { enum: ['admin', 'operator', 'auditor'] }).notNull(),
    /** Argon2id in PHC string format. */
    passwordHash: text('password_hash').notNull(),
    /** Raised by a logout everywhere, a new role or password: older access tokens end with it. */
    sessionEpoch: integer('session_epoch').notNull().default(0),
    disabled: boolean('disabled').notNull().default(false),
    createdAt: createdAt(),
    lastLoginAt: instant('last_login_at'),
  },
  (table) => [
    uniqueIndex('users_email').on(table.email),
    index('users_client').on(table.clientId, table.id),
    check('users_email_lower', sql`${table.email} = lower(${table.email})`),
    check('users_role', sql`${table.role} in ('admin', 'operator', 'auditor')`),
  ],
)

/** One link of a rotating chain of refresh tokens; a family is one login. */
export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    id: id(),
    familyId: uuid('family_id').notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** SHA-256 of the token: 256 random bits need no slow hash. */
    tokenHash: bytes('token_hash').notNull(),
    createdAt: createdAt(),
    /** When the login was: a session ends for good some time after it, however often refreshed. */
    sessionStartedAt: instant('session_started_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** Set when the token was exchanged: a second use is theft, and revokes the family. */
    usedAt: instant('used_at'),
    revokedAt: instant('revoked_at'),
  },
  (table) => [
    uniqueIndex('refresh_tokens_hash').on(table.tokenHash),
    index('refresh_tokens_family').on(table.familyId),
    index('refresh_tokens_user').on(table.userId),
    index('refresh_tokens_expiry').on(table.expiresAt),
  ],
)

/** A machine's credential: `caly_live_<id>_<secret>`. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: id(),
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    name: text('name').notNull(),
    /** What is shown of the key after its creation. */
    prefix: text('prefix').notNull(),
    /** SHA-256 of the whole key. */
    secretHash: bytes('secret_hash').notNull(),
    scopes: text('scopes').array().notNull(),
    /** The user who made it, or whose key did; null for one made at a shell. */
    createdBy: uuid('created_by'),
    /** The key that made it, whose end is its own too; null where a user did, or a shell. */
    parentKeyId: uuid('parent_key_id').references((): AnyPgColumn => apiKeys.id, {
      onDelete: 'cascade',
    }),
    createdAt: createdAt(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    /** When the trail was told that the key had expired. */
    expiryToldAt: instant('expiry_told_at'),
    lastUsedAt: instant('last_used_at'),
  },
  (table) => [
    uniqueIndex('api_keys_prefix').on(table.prefix),
    index('api_keys_client').on(table.clientId, table.id),
    index('api_keys_parent').on(table.parentKeyId),
    index('api_keys_expiry')
      .on(table.expiresAt)
      .where(sql`${table.expiryToldAt} is null and ${table.revokedAt} is null`),
  ],
)

/**
 * Where a user has logged in: passwords given there are not counted. The newest few a user.
 */
export const loginPlaces = pgTable(
  'login_places',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Keyed hash of the address prefix: an address is personal data. */
    place: bytes('place').notNull(),
    lastLoginAt: instant('last_login_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.place] }),
    index('login_places_age').on(table.lastLoginAt),
  ],
)

/**
 * Passwords tried from places where nobody has logged in: one row an account, and one an account and
 * address prefix. The same for accounts that do not exist.
 */
export const loginAttempts = pgTable(
  'login_attempts',
  {
    /** Keyed hash of the e-mail, with the address prefix or without. */
    key: bytes('key').primaryKey(),
    /** Whose account it is, to unlock it; null where there is none. */
    userId: uuid('user_id'),
    /** No attempt counts before this. */
    blockedUntil: instant('blocked_until').notNull(),
    /** When all attempts are forgotten; each one puts it off by the time that it takes to forget it. */
    forgottenAt: instant('forgotten_at').notNull(),
  },
  (table) => [index('login_attempts_forgotten').on(table.forgottenAt)],
)

/** What caches of other processes must forget; written by triggers, kept for a day. */
export const authChanges = pgTable(
  'auth_changes',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    /** By which a reader finds what committed since it last looked: an id would miss late commits. */
    xact: xid8('xact').notNull().default(sql`pg_current_xact_id()`),
    createdAt: createdAt(),
    kind: text('kind', { enum: ['user', 'session', 'key'] }).notNull(),
    /** The user, the session (a family of refresh tokens) or the API key. */
    subject: uuid('subject').notNull(),
  },
  (table) => [
    index('auth_changes_xact').on(table.xact),
    index('auth_changes_age').on(table.createdAt),
  ],
)
