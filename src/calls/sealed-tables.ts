/** Every table that keeps something sealed: how a rotation of `ENCRYPTION_KEY` moves its rows. */
import { and, asc, eq, gt, inArray, isNotNull, or, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Executor } from '#db/database.ts'
import { calls, idempotencyKeys, webhookEvents } from '#db/schema/index.ts'
import { requestText } from './create.ts'
import { rowName } from './idempotency.ts'
import { call } from './schemas.ts'
import type { Vault } from './vault.ts'

/** How the rows of one table are moved to the first key. Rows whose secrets were erased are none. */
export interface SealedTable {
  readonly name: string
  /** Rows in the order of their key, from the first after the given one. */
  page(db: Executor, after: SealedRow | undefined, limit: number): Promise<SealedRow[]>
  /** Those of the rows that nobody else holds, locked, as they are by now. */
  lock(tx: Executor, rows: readonly SealedRow[]): Promise<SealedRow[]>
}

/** A row that may have to move. */
export interface SealedRow {
  readonly name: string
  /**
   * Opens the row, which proves that it can be read, and says what it has to become.
   *
   * @returns undefined where the first key has made all of it
   * @throws if no key of the ring opens it
   */
  renew(): Renewed | undefined
  /** The place in the order of the table's key. */
  readonly after: SQL
}

/** Writes a row as the first key has it. */
export type Renewed = (tx: Executor) => Promise<unknown>

/** The tables, smallest use first. */
export const sealedTables = (vault: Vault): readonly SealedTable[] => [
  idempotencyTable(vault),
  webhookTable(vault),
  callTable(vault),
]
