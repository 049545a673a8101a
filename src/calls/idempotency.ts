/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the key, its answer and what the
 * request did commit together, so that whoever asks again after any failure gets the one answer.
 */
import { createHash } from 'node:crypto'
import { and, eq, lte, sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { QueryError } from '#db/errors.ts'
import { idempotencyKeys } from '#db/schema/index.ts'
import { ConflictError, NotFoundError, ValidationError } from '../errors.ts'
import type { Vault } from './vault.ts'

/** Milliseconds for which an answer is kept. */
const keptFor = 24 * 3_600_000

/** A twin that takes longer than this is in flight; until then its answer is waited for. */
const twinTimeout = '2s'

/** A request that may come again. */
export interface IdempotentRequest {
  readonly clientId: string
  readonly key: string
  /** Route and body: what must be the same under the same key. */
  readonly request: string
  readonly callId: string
  readonly statusCode: number
  readonly answer: unknown
}

/** What an earlier request with the key was answered. */
export interface EarlierAnswer {
  readonly statusCode: number
  readonly answer: unknown
}

/**
 * Claims the key for this transaction, or finds what it was answered before. Of concurrent twins on
 * any replica one claims it; the others wait for that one's end.
 *
 * @returns undefined once claimed: the answer is stored, and the caller does the work
 * @throws {ConflictError} if the key was used for another request, or its twin takes too long
 */
export async function claimKey(
  tx: Executor,
  vault: Vault,
  request: IdempotentRequest,
  now: number,
): Promise<EarlierAnswer | undefined> {
  const { clientId, key, callId, statusCode, answer } = request
  const keyHash = sha256(key)
  const row = {
    requestHash: vault.request(request.request),
    callId,
    statusCode,
    sealed: vault.sealAnswer(rowName(clientId, keyHash), answer),
    createdAt: new Date(now),
    expiresAt: new Date(now + keptFor),
  }
  await tx.execute(sql`select set_config('lock_timeout', ${twinTimeout}, true)`)
  const claimed = await tx
    .insert(idempotencyKeys)
    .values({ clientId, keyHash, ...row })
    .onConflictDoUpdate({
      target: [idempotencyKeys.clientId, idempotencyKeys.keyHash],
      set: row,
      setWhere: lte(idempotencyKeys.expiresAt, new Date(now)),
    })
    .returning({ callId: idempotencyKeys.callId })
    .catch((error: unknown) => {
      throw isLockTimeout(error) ? inFlight(error) : error
    })
  return claimed.length > 0 ? undefined : await earlierAnswer(tx, vault, request, keyHash)
}

async function earlierAnswer(
  tx: Executor,
  vault: Vault,
  { clientId, request }: IdempotentRequest,
  keyHash: Uint8Array,
): Promise<EarlierAnswer> {
  const [row] = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.clientId, clientId), eq(idempotencyKeys.keyHash, keyHash)))
  if (row === undefined) throw inFlight()
  const same = vault.requestEverywhere(request).some((hash) => equal(hash, row.requestHash))
  if (!same)
    throw new ConflictError(
      'IDEMPOTENCY_MISMATCH',
      'This Idempotency-Key was used for another request: choose a new one',
    )
  if (row.sealed === null || row.statusCode === null)
    throw new NotFoundError('The call that this key placed was erased')
  return {
    statusCode: row.statusCode,
    answer: vault.openAnswer(rowName(clientId, keyHash), row.sealed),
  }
}

/** @throws {ValidationError} if the header's value cannot serve as a key */
export function idempotencyKey(value: string | undefined): string | undefined {
  if (value === undefined || /^[\x21-\x7e]{1,255}$/.test(value)) return value
  const message = 'must be 1 to 255 visible ASCII characters'
  throw new ValidationError([{ path: 'headers.idempotency-key', code: 'invalid', message }])
}

/** Deletes answers that have had their day. @returns how many */
export async function forgetAnswers(db: Executor, now: number): Promise<number> {
  const gone = await db
    .delete(idempotencyKeys)
    .where(lte(idempotencyKeys.expiresAt, new Date(now)))
    .returning({ keyHash: idempotencyKeys.keyHash })
  return gone.length
}

const inFlight = (cause?: unknown) =>
  new ConflictError(
    'IDEMPOTENCY_IN_FLIGHT',
    'A request with this Idempotency-Key is still in work: try again shortly',
    { cause, headers: { 'retry-after': '1' } },
  )

/** drizzle wraps what the pool throws. */
const isLockTimeout = (error: unknown): boolean =>
  error instanceof Error &&
  [error, error.cause].some((fault) => fault instanceof QueryError && fault.code === '55P03')

/** The row's name, as which its answer is sealed. */
export const rowName = (clientId: string, keyHash: Uint8Array): string =>
  `${clientId}/${Buffer.from(keyHash).toString('hex')}`

const equal = (one: Uint8Array, other: Uint8Array): boolean => Buffer.from(one).equals(other)

const sha256 = (text: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(text).digest())
