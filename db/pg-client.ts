/**
 * The pool in the shape of `pg`'s client: what drizzle's node-postgres driver runs on, and what
 * `@opentelemetry/instrumentation-pg` patches. Every statement goes through `Client.prototype.query`.
 */
import { DatabaseUnavailableError, QueryError } from './errors.ts'
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

  /**
   * Does something on one connection, as a transaction needs it, and gives that back whatever
   * happens. What instrumentation patches to see transactions as a whole.
   *
   * @throws {DatabaseUnavailableError} if no connection is free in time; otherwise what `work` throws
   */
  async hold<T>(work: (client: HeldClient) => Promise<T>, options?: LeaseOptions): Promise<T> {
    const client = await this.connect(options)
    try {
      return await work(client)
    } finally {
      client.release()
    }
  }
}

/** What became of a transaction; unknown: the connection broke before the answer to its end. */
export type TransactionOutcome = 'committed' | 'rolled_back' | 'unknown'

/** A client on one connection, as a transaction needs it. */
export class HeldClient extends Client {
  readonly #lease: Lease
  readonly #transaction: Transaction

  constructor(parameters: ConnectionParameters, lease: Lease) {
    const transaction: Transaction = { open: false, outcome: undefined, failure: undefined }
    super(parameters, (statement) => runIn(transaction, lease, statement))
    this.#lease = lease
    this.#transaction = transaction
  }

  /** What became of the last transaction that began here; undefined: none did, or it has not ended. */
  get outcome(): TransactionOutcome | undefined {
    return this.#transaction.outcome
  }

  /** What the first statement failed with that did; undefined: all went well. */
  get failure(): unknown {
    return this.#transaction.failure
  }

  /**
   * Gives the connection back to the pool, clean: one that broke, or whose transaction has not
   * ended, goes away instead.
   */
  release(): void {
    this.#lease.release(this.#transaction.open)
  }
}

interface Transaction {
  open: boolean
  outcome: TransactionOutcome | undefined
  failure: unknown
}

async function runIn(
  transaction: Transaction,
  lease: Lease,
  statement: Statement,
): Promise<StatementResult> {
  const verb = transactionVerb(statement.text)
  if (verb === 'begin') Object.assign(transaction, { open: true, outcome: undefined })
  // The server has rolled back by itself, so that the error that led here can be told.
  if (verb === 'rollback' && lease.connection.closed) {
    transaction.outcome ??= 'rolled_back'
    return nothing
  }
  try {
    const result = await lease.run(statement)
    if (verb === undefined || verb === 'begin') return result
    transaction.open = false
    // A COMMIT after a failed statement is answered ROLLBACK, and without an error.
    const undone = verb === 'rollback' || result.command === 'ROLLBACK'
    transaction.outcome ??= undone ? 'rolled_back' : 'committed'
    if (verb === 'commit' && undone)
      throw new QueryError('The transaction was rolled back: one of its statements had failed', {
        code: '25P02',
      })
    return result
  } catch (error) {
    transaction.failure ??= error
    if (verb === 'commit' && transaction.open)
      transaction.outcome = isOutcomeUnknown(error) ? 'unknown' : 'rolled_back'
    throw error
  }
}

const isOutcomeUnknown = (error: unknown): boolean =>
  error instanceof DatabaseUnavailableError && error.outcomeUnknown

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
