import postgres from 'postgres'
import {
  connectError,
  DatabaseUnavailableError,
  QueryError,
  spoilsConnection,
  statementError,
} from '../errors.ts'
import type { DatabaseTarget } from '../target.ts'
import { type DialledSocket, dial } from './dial.ts'
import type { RepeatedTexts } from './repeated-texts.ts'
import { toWire, wireTypes } from './values.ts'

/** A statement in the shape that `pg` takes. */
export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[] | undefined
  /** Given: prepared, once a connection. */
  readonly name?: string | undefined
  /** Rows as arrays instead of objects. */
  readonly rowMode?: 'array' | undefined
}

/** What `pg` answers. */
export interface StatementResult {
  readonly rows: unknown[]
  readonly rowCount: number | null
  readonly command: string
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** How to open a connection. */
export interface ConnectionOptions {
  readonly target: DatabaseTarget
  /** Milliseconds until it must be ready. */
  readonly connectTimeout: number
  /** Milliseconds after which the server ends a statement; undefined: not told to the server. */
  readonly statementTimeout: number | undefined
  /** Whether statements that are named, or come again and again, are prepared on the server. */
  readonly prepare: boolean
  /** What all connections know of which texts come again and again. @default none are */
  readonly repeated?: RepeatedTexts
}

/** The protocol counts parameters in 16 bits. */
const maxParameters = 65_534

/** One connection to the server, ready for statements. Once closed it stays closed. */
export class Connection {
  /** `performance.now()` when it was ready. */
  readonly openedAt: number
  /** When the oldest statement that is under way was sent; undefined: none is. */
  busySince: number | undefined
  /** The server's process, by which it can be asked what this connection does. */
  pid: number | undefined
  /** Told once, when the connection is gone for whatever reason. */
  onClosed: (() => void) | undefined
  /** Hears each NOTIFY on what this connection listens to. */
  onNotification: ((payload: string) => void) | undefined
  readonly #sql: postgres.Sql
  readonly #prepare: boolean
  readonly #repeated: RepeatedTexts | undefined
  #socket: DialledSocket | undefined
  #outstanding = 0
  #closed = false
  #reason: Error | undefined

  private constructor({ target, statementTimeout, prepare, repeated }: ConnectionOptions) {
    this.openedAt = performance.now()
    this.#prepare = prepare
    this.#repeated = repeated
    let dialled = false
    const options: postgres.Options<Record<string, postgres.PostgresType>> & {
      socket: () => Promise<DialledSocket>
      onnotify: (channel: string, payload: string) => void
    } = {
      socket: async () => {
        // postgres.js dials again when a socket closes before it is ready: that is a new attempt,
        // and the pool's to make.
        if (dialled) throw new DatabaseUnavailableError('The database closed the connection')
        dialled = true
        this.#socket = await dial(target)
        if (this.#closed) this.#socket.destroy()
        return this.#socket
      },
      host: target.hosts[0]?.host ?? 'localhost',
      port: target.hosts[0]?.port ?? 5432,
      database: target.database,
      username: target.user,
      password: target.password,
      ssl: target.ssl,
      max: 1,
      idle_timeout: 0,
      max_lifetime: 0,
      connect_timeout: 0,
      keep_alive: 15,
      prepare,
      fetch_types: false,
      types: wireTypes,
      onnotice: () => {},
      onclose: () => this.#close(),
      onnotify: (_, payload) => this.onNotification?.(payload),
      connection: {
        application_name: 'caly',
        ...target.parameters,
        ...(statementTimeout !== undefined && { statement_timeout: statementTimeout }),
      },
    }
    this.#sql = postgres(options)
  }

  /**
   * @param signal gives the attempt up
   * @throws {DatabaseUnavailableError} if it is not ready in time, or was refused
   */
  static async open(options: ConnectionOptions, signal?: AbortSignal): Promise<Connection> {
    const connection = new Connection(options)
    const late = new DatabaseUnavailableError('The database did not answer in time', {
      code: 'CONNECT_TIMEOUT',
    })
    const giveUp = () => connection.destroy(late)
    const timer = setTimeout(giveUp, options.connectTimeout)
    signal?.addEventListener('abort', giveUp)
    try {
      await connection.#greet()
      return connection
    } catch (error) {
      giveUp()
      throw error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * Runs one statement; several at once are worked off in order.
   *
   * @throws {QueryError | DatabaseUnavailableError}
   */
  async run({ text, values, name, rowMode }: Statement): Promise<StatementResult> {
    if (this.#closed) throw this.#closedError(false)
    const parameters = values === undefined ? [] : values.map(toWire)
    if (parameters.length > maxParameters)
      throw new QueryError(`A statement takes at most ${maxParameters} parameters`)
    const prepare = this.#prepare && this.#isWorthPreparing(text, name, parameters.length)
    const query = this.#sql.unsafe(text, parameters, {
      prepare,
      // Without parameters the simple protocol takes one turn, and several statements at once.
      ...({ simple: parameters.length === 0 && !prepare } as object),
    })
    if (this.#outstanding++ === 0) this.busySince = performance.now()
    try {
      const result: unknown = await (rowMode === 'array' ? query.values() : query)
      return toResult(result as DriverResult | DriverResult[])
    } catch (error) {
      if (this.#reason !== undefined) throw this.#reason
      if (spoilsConnection(error)) this.destroy()
      throw statementError(error)
    } finally {
      this.busySince = --this.#outstanding === 0 ? undefined : performance.now()
    }
  }

  /** Ends the connection at once; what is under way fails with the reason. */
  destroy(reason?: Error): void {
    if (this.#closed) return
    this.#reason = reason
    this.#close()
    // Says good-bye, and rejects what is under way; then the socket goes, answered or not.
    this.#sql.end({ timeout: 0 }).catch(() => {})
    const socket = this.#socket
    if (socket !== undefined) setTimeout(() => socket.destroy(), 50).unref()
  }

  /** Without parameters nothing is gained, and several statements in one text cannot be prepared. */
  #isWorthPreparing(text: string, name: string | undefined, parameters: number): boolean {
    return name !== undefined || (parameters > 0 && this.#repeated?.note(text) === true)
  }

  /**
   * The first statement makes postgres.js connect. A pooler in between tells a process number of
   * its own: then the server cannot be asked about this connection.
   */
  async #greet(): Promise<void> {
    try {
      const result = await this.#sql.unsafe('select pg_backend_pid() as pid')
      const pid: unknown = result[0]?.['pid']
      this.pid = typeof pid === 'number' && pid === result.state.pid ? pid : undefined
    } catch (error) {
      throw this.#reason ?? connectError(error)
    }
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.onClosed?.()
  }

  #closedError(outcomeUnknown: boolean): Error {
    return (
      this.#reason ??
      new DatabaseUnavailableError('The connection to the database was lost', { outcomeUnknown })
    )
  }
}

/** What postgres.js resolves with; its types know the rows' shape, which we do not. */
interface DriverResult extends Array<unknown> {
  readonly count: number | null
  readonly command: string
  readonly columns: readonly { readonly name: string; readonly type: number }[] | null
}

/** Several statements in one text answer as a list of results, as they do with `pg`. */
function toResult(result: DriverResult | DriverResult[]): StatementResult {
  if (!('command' in result)) return result.map(toResult) as unknown as StatementResult
  return {
    // A plain copy: postgres.js hangs the connection's cancel key on its own.
    rows: Array.from(result),
    rowCount: result.count,
    command: result.command,
    fields: (result.columns ?? []).map(({ name, type }) => ({ name, dataTypeID: type })),
  }
}
