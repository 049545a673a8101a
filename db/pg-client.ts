/**
 * The pool in the shape of `pg`'s client: what drizzle's node-postgres driver runs on, and what
 * `@opentelemetry/instrumentation-pg` patches. Every statement goes through `Client.prototype.query`.
 */
import { QueryError } from './errors.ts'
import type { Lease, LeaseOptions, Pool, Statement, StatementResult } from './pool/index.ts'
import type { DatabaseTarget } from './target.ts'

/** What `pg` calls a query config; `types` is present where drizzle maps the values itself. */
export interface QueryConfig extends Statement {
  readonly types?: unknown
}

/** What instrumentation reads of a connection. */
export interface ConnectionParameters {
  readonly database: string
  readonly host: string | undefined
  readonly port: number | undefined
  readonly user: string
}

type Run = (statement: Statement) => Promise<StatementResult>

/** Runs statements. Its `query` is the one that instrumentation patches. */
export class Client {
  readonly database: string
  readonly connectionParameters: ConnectionParameters
  readonly #run: Run

  constructor(parameters: ConnectionParameters, run: Run) {
    this.connectionParameters = parameters
    this.database = parameters.database
    this.#run = run
  }

  /** Here because instrumentation patches it too: this client needs no connecting. */
  async connect(): Promise<Client> {
    return this
  }

  /**
   * Runs a statement.
   *
   * @throws {QueryError} if the server refuses it
   * @throws {DatabaseUnavailableError} if there is no server, no free connection, or no answer
   */
  async query(
    statement: string | QueryConfig,
    values?: readonly unknown[],
  ): Promise<StatementResult> {
    const config: QueryConfig = typeof statement === 'string' ? { text: statement } : statement
    const result = await this.#run({ ...config, values: values ?? config.values })
    return config.rowMode === 'array' || config.types !== undefined ? result : withDates(result)
  }
}

/** A client whose every statement runs on whichever connection is free. */
export class PooledClient extends Client {
  readonly #pool: Pool

  constructor(parameters: ConnectionParameters, pool: Pool) {
    super(parameters, (statement) => pool.run(statement))
    this.#pool = pool
  }

  /** Takes one connection for several statements; the taker must release it. */
  override async connect(options?: LeaseOptions): Promise<HeldClient> {
    return new HeldClient(this.connectionParameters, await this.#pool.hold(options))
  }
}

/** A client on one connection, as a transaction needs it. */
export class HeldClient extends Client {
  readonly #lease: Lease
  readonly #transaction: { open: boolean }

  constructor(parameters: ConnectionParameters, lease: Lease) {
    const transaction = { open: false }
    super(parameters, async (statement) => {
      const verb = transactionVerb(statement.text)
      if (verb === 'begin') transaction.open = true
      // The server has rolled back by itself, so that the error that led here can be told.
      if (verb === 'rollback' && lease.connection.closed) return nothing
      const result = await lease.run(statement)
      if (verb !== undefined && verb !== 'begin') transaction.open = false
      // A COMMIT after a failed statement is answered ROLLBACK, and without an error.
      if (verb === 'commit' && result.command === 'ROLLBACK')
        throw new QueryError('The transaction was rolled back: one of its statements had failed', {
          code: '25P02',
        })
      return result
    })
    this.#lease = lease
    this.#transaction = transaction
  }

  /**
   * Gives the connection back to the pool, clean: one that broke, or whose transaction has not
   * ended, goes away instead.
   */
  release(): void {
    this.#lease.release(this.#transaction.open)
  }
}

const nothing: StatementResult = { rows: [], rowCount: 0, command: 'ROLLBACK', fields: [] }

/** What a statement does to the transaction as a whole; savepoints are within it. */
function transactionVerb(text: string): 'begin' | 'commit' | 'rollback' | undefined {
  const [, word = ''] =
    /^\s*(begin|start\s+transaction|commit|end|abort|rollback(?!\s+(?:work\s+|transaction\s+)?to\b))\b/i.exec(
      text,
    ) ?? []
  switch (word.slice(0, 2).toLowerCase()) {
    case 'be':
    case 'st':
      return 'begin'
    case 'co':
    case 'en':
      return 'commit'
    case 'ro':
    case 'ab':
      return 'rollback'
    default:
      return undefined
  }
}

const timestamptz = 1184

/** `pg` gives points in time as dates to those who do not map values themselves. */
function withDates(result: StatementResult): StatementResult {
  const columns = (result.fields ?? []).filter(({ dataTypeID }) => dataTypeID === timestamptz)
  if (columns.length === 0) return result
  for (const row of result.rows as Record<string, unknown>[])
    for (const { name } of columns) {
      const value = row[name]
      if (typeof value === 'string') row[name] = new Date(value)
    }
  return result
}

/** The parameters under which a target shows up in spans. */
export const connectionParameters = (target: DatabaseTarget): ConnectionParameters => ({
  database: target.database,
  host: target.path ?? target.hosts[0]?.host,
  port: target.path === undefined ? target.hosts[0]?.port : undefined,
  user: target.user,
})
