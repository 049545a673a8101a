/**
 * drizzle over the pool. Its node-postgres driver maps the values; statements and transactions are
 * ours, because drizzle's own error repeats every parameter in its message, and its transaction
 * loses the first error when the connection is gone.
 */
import { NoopCache } from 'drizzle-orm/cache/core'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { NoopLogger } from 'drizzle-orm/logger'
import {
  type NodePgClient,
  NodePgDatabase,
  NodePgPreparedQuery,
  NodePgSession,
  NodePgTransaction,
} from 'drizzle-orm/node-postgres'
import {
  PgDialect,
  type PgPreparedQuery,
  type PgTransactionConfig,
  type PreparedQueryConfig,
} from 'drizzle-orm/pg-core'
import {
  createTableRelationsHelpers,
  type ExtractTablesWithRelations,
  extractTablesRelationalConfig,
  type RelationalSchemaConfig,
} from 'drizzle-orm/relations'
import { type Query, sql } from 'drizzle-orm/sql'
import type { Client, PooledClient } from './pg-client.ts'
import * as schema from './schema/index.ts'

/** drizzle over the pool. */
export type Drizzle = NodePgDatabase<typeof schema>

/** Makes drizzle speak through the pool. */
export function drizzleOver(client: PooledClient): Drizzle {
  const { tables, tableNamesMap } = extractTablesRelationalConfig<Tables>(
    schema,
    createTableRelationsHelpers,
  )
  const relational: Relational = { fullSchema: schema, schema: tables, tableNamesMap }
  const dialect = new PgDialect()
  const session = new Session(client, dialect, relational, (work) => client.hold(work))
  return new NodePgDatabase(dialect, session, relational)
}

type Tables = ExtractTablesWithRelations<typeof schema>
type Relational = RelationalSchemaConfig<Tables>
type Transaction = NodePgTransaction<typeof schema, Tables>

/** {@linkcode PooledClient.hold}, as transactions use it. */
type Hold = <T>(work: (client: Client) => Promise<T>) => Promise<T>

class Session extends NodePgSession<typeof schema, Tables> {
  readonly #client: Client
  readonly #relational: Relational
  readonly #hold: Hold

  constructor(client: Client, dialect: PgDialect, relational: Relational, hold: Hold) {
    super(asPg(client), dialect, relational)
    this.#client = client
    this.#relational = relational
    this.#hold = hold
  }

  override prepareQuery<T extends PreparedQueryConfig = PreparedQueryConfig>(
    query: Query,
    fields: ConstructorParameters<typeof NodePgPreparedQuery>[7],
    name: string | undefined,
    isResponseInArrayMode: boolean,
    customResultMapper?: (rows: unknown[][]) => T['execute'],
  ): PgPreparedQuery<T> {
    return new PreparedQuery<T>(
      asPg(this.#client),
      query.sql,
      query.params,
      new NoopLogger(),
      new NoopCache(),
      undefined,
      undefined,
      fields,
      name,
      isResponseInArrayMode,
      customResultMapper,
    )
  }

  override transaction<T>(
    run: (tx: Transaction) => Promise<T>,
    config?: PgTransactionConfig,
  ): Promise<T> {
    return this.#hold(async (client) => {
      const session = new Session(client, this.dialect, this.#relational, this.#hold)
      const tx: Transaction = new NodePgTransaction(this.dialect, session, this.#relational)
      await tx.execute(sql`begin`)
      try {
        if (config !== undefined) await tx.setTransaction(config)
        const result = await run(tx)
        await tx.execute(sql`commit`)
        return result
      } catch (error) {
        await tx.execute(sql`rollback`).catch(() => {
          // The connection then goes away, and the server rolls back; the first error is the one
          // to tell.
        })
        throw error
      }
    })
  }
}

class PreparedQuery<T extends PreparedQueryConfig> extends NodePgPreparedQuery<T> {
  override execute(placeholderValues?: Record<string, unknown>): Promise<T['execute']> {
    return withoutParameters(super.execute(placeholderValues))
  }

  override all(placeholderValues?: Record<string, unknown>): Promise<T['all']> {
    return withoutParameters(super.all(placeholderValues))
  }
}

async function withoutParameters<T>(result: Promise<T>): Promise<T> {
  try {
    return await result
  } catch (error) {
    throw error instanceof DrizzleQueryError ? (error.cause ?? error) : error
  }
}

/** Of `pg`'s client, drizzle uses `query` only: the shape that {@linkcode Client} has. */
const asPg = (client: Client) => client as unknown as NodePgClient
