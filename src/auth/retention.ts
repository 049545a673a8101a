import { inArray, lt } from 'drizzle-orm'
import type { Drizzle, Executor } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import { authChanges, refreshTokens } from '#db/schema/index.ts'
import type { AuditTrail } from '../audit/index.ts'
import { tellOfExpiry } from './keys/expiry.ts'
import { deleteForgotten, deleteOldPlaces } from './lockout/index.ts'

/** What retention needs. */
export interface RetentionOptions {
  readonly db: Drizzle
  readonly audit: AuditTrail
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const queue = 'auth.retention'
const expiryQueue = 'auth.expiry'

/** Seconds between two looks for keys whose time is over. */
const expiryInterval = 60

/** Seconds between two runs over all replicas. */
const interval = 3600

/** Rows a statement: none holds locks, or the embedded database, for long. */
const batch = 1000

/**
 * Rows of a table in one run at most. In an hour no more are made: logins and refreshes of a flood
 * included, which the password thread and the rate limits bound.
 */
const most = 200_000

/**
 * Milliseconds for which a refresh token is kept once it has expired, and a change once it was told:
 * longer than any access token and any transaction lives.
 */
const keep = 24 * 3_600_000

/** Runs retention by the clock, here and now, and tells of keys whose time is over. */
export async function registerAuthJobs(
  options: RetentionOptions & { readonly jobs: Jobs },
): Promise<void> {
  const { jobs } = options
  await jobs.work(queue, ({ signal }) => deleteExpired(options, signal), {
    retries: 0,
    timeout: 600,
    pollInterval: 30_000,
  })
  jobs.every(queue, interval)
  await jobs.work(expiryQueue, async ({ signal }) => void (await tellOfExpiry(options, signal)), {
    retries: 0,
    timeout: 60,
    pollInterval: 30_000,
    keep: 600,
  })
  jobs.every(expiryQueue, expiryInterval)
}

/**
 * Deletes what proves nothing any more: expired refresh tokens, forgotten attempts and places, changes
 * that everybody has heard of. In small statements, until all is gone or the signal aborts.
 */
export async function deleteExpired(
  { db, audit, now }: RetentionOptions,
  signal?: AbortSignal,
): Promise<void> {
  const at = new Date(now())
  const old = new Date(now() - keep)
  const deletions: Readonly<Record<string, (tx: Executor) => Promise<number>>> = {
    refresh_tokens: (tx) => deleteTokens(tx, old),
    auth_changes: (tx) => deleteChanges(tx, old),
    login_attempts: (tx) => deleteForgotten(tx, at, batch),
    login_places: (tx) => deleteOldPlaces(tx, at, batch),
  }
  for (const [table, deleteSome] of Object.entries(deletions))
    for (let deleted = 0; deleted < most && signal?.aborted !== true; ) {
      const count = await db.transaction(async (tx) => {
        const count = await deleteSome(tx)
        if (count > 0)
          await audit.recordWith(tx, {
            event: 'DATA_DELETED',
            origin: { actorType: 'system' },
            details: { of: table, count },
          })
        return count
      })
      deleted += count
      if (count < batch) break
    }
}

async function deleteTokens(db: Executor, before: Date): Promise<number> {
  const { id, expiresAt } = refreshTokens
  const expired = db.select({ id }).from(refreshTokens).where(lt(expiresAt, before)).limit(batch)
  return (await db.delete(refreshTokens).where(inArray(id, expired))).rowCount ?? 0
}

async function deleteChanges(db: Executor, before: Date): Promise<number> {
  const { id, createdAt } = authChanges
  const told = db.select({ id }).from(authChanges).where(lt(createdAt, before)).limit(batch)
  return (await db.delete(authChanges).where(inArray(id, told))).rowCount ?? 0
}
