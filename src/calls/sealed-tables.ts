/** Every table that keeps something sealed, and how its rows move to another key. */
import { type } from 'arktype'
import { and, asc, eq, gt, inArray, isNotNull, or, sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { calls, idempotencyKeys, webhookEvents } from '#db/schema/index.ts'
import { requestText } from './create.ts'
import { rowName } from './idempotency.ts'
import { call } from './schemas.ts'
import type { Vault } from './vault.ts'

/** A table with a sealed column. Rows whose secrets were erased are not counted among its rows. */
export interface SealedTable<Row, Columns> {
  readonly name: string
  /** Names a row for a person: never by anything that it keeps sealed. */
  nameOf(row: Row): string
  /** Rows in the order of their key, after the given one. */
  page(db: Executor, after: Row | undefined, limit: number): Promise<Row[]>
  /** Those of the rows that nobody else holds, locked, as they are by now. */
  lock(tx: Executor, rows: readonly Row[]): Promise<Row[]>
  /**
   * What has to be written for the first key to be enough.
   *
   * @returns undefined where it is already
   * @throws if no key of the ring opens the row
   */
  renew(row: Row): Columns | undefined
  /** Writes into a row that is locked. */
  write(tx: Executor, row: Row, columns: Columns): Promise<unknown>
}

const unlocked = { skipLocked: true } as const

/** Calls: the blob, and the blind indexes of both numbers. */
export function callTable(vault: Vault) {
  const { id, sealed, fromIndex, toIndex } = calls
  const rows = (db: Executor) => db.select({ id, sealed, fromIndex, toIndex }).from(calls)
  return table({
    name: 'calls',
    nameOf: (row) => row.id,
    page: (db, after, limit) =>
      rows(db)
        .where(and(isNotNull(sealed), after && gt(id, after.id)))
        .orderBy(asc(id))
        .limit(limit),
    lock: (tx, held) =>
      rows(tx)
        .where(and(isNotNull(sealed), inArray(id, namesOf(held))))
        .for('update', unlocked),
    renew(row: Awaited<ReturnType<typeof rows>>[number]) {
      if (row.sealed === null) return undefined
      const secrets = vault.openCall(row.id, row.sealed)
      const indexed =
        same(row.fromIndex, vault.number(secrets.from)) &&
        same(row.toIndex, vault.number(secrets.to))
      return vault.isCurrent(row.sealed) && indexed ? undefined : vault.callColumns(row.id, secrets)
    },
    write: (tx, row, columns) => tx.update(calls).set(columns).where(eq(id, row.id)),
  })
}

/** Callbacks: the message. Its fingerprint stays: whoever repeats a message does so within minutes. */
export function webhookTable(vault: Vault) {
  const { id, sealed } = webhookEvents
  const rows = (db: Executor) => db.select({ id, sealed }).from(webhookEvents)
  return table({
    name: 'webhook_events',
    nameOf: (row) => row.id,
    page: (db, after, limit) =>
      rows(db)
        .where(and(isNotNull(sealed), after && gt(id, after.id)))
        .orderBy(asc(id))
        .limit(limit),
    lock: (tx, held) =>
      rows(tx)
        .where(and(isNotNull(sealed), inArray(id, namesOf(held))))
        .for('update', unlocked),
    renew(row: Awaited<ReturnType<typeof rows>>[number]) {
      if (row.sealed === null) return undefined
      const message = vault.openMessage(row.id, row.sealed)
      return vault.isCurrent(row.sealed)
        ? undefined
        : { sealed: vault.sealMessage(row.id, message) }
    },
    write: (tx, row, columns) => tx.update(webhookEvents).set(columns).where(eq(id, row.id)),
  })
}

/** Answers to requests with an `Idempotency-Key`, and the hash of what was asked. */
export function answerTable(vault: Vault) {
  const { clientId, keyHash, requestHash, sealed } = idempotencyKeys
  const rows = (db: Executor) =>
    db.select({ clientId, keyHash, requestHash, sealed }).from(idempotencyKeys)
  type Row = Awaited<ReturnType<typeof rows>>[number]
  const is = (row: Row) => and(eq(clientId, row.clientId), eq(keyHash, row.keyHash))
  return table({
    name: 'idempotency_keys',
    nameOf: (row) => rowName(row.clientId, row.keyHash),
    page: (db, after, limit) =>
      rows(db)
        .where(
          and(
            isNotNull(sealed),
            after && sql`(${clientId}, ${keyHash}) > (${after.clientId}, ${after.keyHash})`,
          ),
        )
        .orderBy(asc(clientId), asc(keyHash))
        .limit(limit),
    lock: (tx, held) =>
      rows(tx)
        .where(and(isNotNull(sealed), or(...held.map(is))))
        .for('update', unlocked),
    renew(row: Row) {
      if (row.sealed === null) return undefined
      const name = rowName(row.clientId, row.keyHash)
      const answer = vault.openAnswer(name, row.sealed)
      if (vault.isCurrent(row.sealed)) return undefined
      // The answer shows the call as it was asked for. Where it does not, the hash stays, and a
      // repetition is refused once its key is gone.
      const shown = call(answer)
      const asked = shown instanceof type.errors ? '' : requestText(shown)
      const known = vault.requestEverywhere(asked).some((hash) => same(hash, row.requestHash))
      return {
        sealed: vault.sealAnswer(name, answer),
        requestHash: known ? vault.request(asked) : row.requestHash,
      }
    },
    write: (tx, row, columns) => tx.update(idempotencyKeys).set(columns).where(is(row)),
  })
}

/** Lets the compiler find both types out. */
const table = <Row, Columns>(declaration: SealedTable<Row, Columns>) => declaration

const namesOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id)

const same = (one: Uint8Array | null, other: Uint8Array): boolean =>
  one !== null && Buffer.from(one).equals(other)
