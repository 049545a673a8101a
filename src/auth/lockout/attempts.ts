import { eq, inArray, lte, type SQL, sql } from 'drizzle-orm'
import type { Drizzle, Executor } from '#db/database.ts'
import { loginAttempts } from '#db/schema/index.ts'
import { accountPolicy, addressPolicy, type WaitPolicy } from './policy.ts'

/** The rows that an attempt counts on. */
export interface AttemptKeys {
  readonly account: Uint8Array
  /** Of the account and the address prefix together. */
  readonly address: Uint8Array
}

/** What counting said. */
export interface Count {
  /** Whether this attempt may decide anything; false while account or address have to wait. */
  readonly allowed: boolean
  /** Who has to wait from now on, should the attempt fail. */
  readonly locks: 'address' | 'account' | undefined
}

const { key, userId, blockedUntil, forgottenAt } = loginAttempts

/**
 * Counts an attempt as failed before its password is looked at: in one statement, so that a thousand
 * at once on all replicas together get no more guesses than one after the other. A refused attempt
 * leaves everything as it was. The account's row is always locked before the address's: no deadlock.
 */
export async function countAttempt(
  db: Drizzle,
  keys: AttemptKeys,
  owner: string | undefined,
  now: Date,
): Promise<Count> {
  const addressWaits = sql`select from ${loginAttempts} where ${key} = ${keys.address} and ${blockedUntil} > ${now}`
  const { rows } = await db.execute<{ account: number | null; address: number | null }>(sql`
    with account as (
      ${count(accountPolicy, keys.account, owner, now, sql`where not exists (${addressWaits})`)}
    ), address as (
      ${count(addressPolicy, keys.address, owner, now, sql`from account`)}
    )
    select (select level from account) as account, (select level from address) as address`)
  const [levels] = rows
  const [account, address] = [levels?.account ?? null, levels?.address ?? null]
  if (account === null || address === null) return { allowed: false, locks: undefined }
  const locks =
    account === accountPolicy.free
      ? 'account'
      : address === addressPolicy.free
        ? 'address'
        : undefined
  return { allowed: true, locks }
}

/**
 * Adds one failure to a row that does not have to wait, and answers how many are remembered. The
 * count is kept as the time at which all will be forgotten, as in a leaky bucket.
 */
function count(
  { free, firstWait, forget }: WaitPolicy,
  of: Uint8Array,
  owner: string | undefined,
  now: Date,
  condition: SQL,
): SQL {
  const at = sql`${now}::timestamptz`
  const step = milliseconds(forget)
  const level = (until: SQL) =>
    sql`ceil(extract(epoch from ${until} - ${at}) * 1000 / ${sql.raw(String(forget))})::int`
  const next = sql`greatest(known.forgotten_at, ${at}) + ${step}`
  const wait = sql`least(${milliseconds(firstWait)} * 2 ^ least(${level(next)} - ${sql.raw(String(free))}, 20), ${step})`
  return sql`
    insert into ${loginAttempts} as known (key, user_id, blocked_until, forgotten_at)
    select ${of}::bytea, ${owner ?? null}::uuid, ${at}, ${at} + ${step} ${condition}
    on conflict (key) do update set
      user_id = excluded.user_id,
      blocked_until = case when ${level(next)} < ${sql.raw(String(free))} then ${at} else ${at} + ${wait} end,
      forgotten_at = ${next}
    where known.blocked_until <= ${at}
    returning ${level(sql`known.forgotten_at`)} as level`
}

/** Takes an attempt back from the account, and from the address: nobody could tell whether it failed. */
export async function uncountAttempt(
  db: Executor,
  { account, address }: AttemptKeys,
  now: Date,
): Promise<void> {
  await uncount(db, account, accountPolicy, now)
  await uncount(db, address, addressPolicy, now)
}

/** Takes an attempt back that succeeded; with it goes all that failed from the address before. */
export async function forgiveAttempt(
  db: Executor,
  { account, address }: AttemptKeys,
  now: Date,
): Promise<void> {
  await uncount(db, account, accountPolicy, now)
  await db.delete(loginAttempts).where(eq(key, address))
}

async function uncount(db: Executor, of: Uint8Array, { forget }: WaitPolicy, now: Date) {
  await db
    .update(loginAttempts)
    .set({ forgottenAt: sql`${forgottenAt} - ${milliseconds(forget)}`, blockedUntil: now })
    .where(eq(key, of))
}

/** Lets an account be tried from everywhere again. */
export async function unlockAccount(db: Executor, owner: string): Promise<void> {
  await db.delete(loginAttempts).where(eq(userId, owner))
}

/** Deletes at most so many rows that say nothing any more; returns how many there were. */
export async function deleteForgotten(db: Drizzle, now: Date, limit: number): Promise<number> {
  const forgotten = db.select({ key }).from(loginAttempts).where(lte(forgottenAt, now)).limit(limit)
  const { rowCount } = await db.delete(loginAttempts).where(inArray(key, forgotten))
  return rowCount ?? 0
}

const milliseconds = (amount: number): SQL =>
  sql`${sql.raw(String(amount))} * interval '1 millisecond'`
