/**
 * What can go wrong between Caly and its database. `src/` turns these into problems by
 * `retryable`; no message carries a value, and causes are stripped of them ({@linkcode safeCause}).
 */

/** Base of the database layer's errors. */
export abstract class DatabaseLayerError extends Error {
  /** Whether the same work, done again, may well succeed. */
  abstract readonly retryable: boolean
  /** The SQLSTATE (PostgreSQL, appendix A) or the system's error code, where there is one. */
  readonly code: string | undefined

  constructor(
    message: string,
    { code, cause }: { code?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause: safeCause(cause) })
    this.name = new.target.name
    this.code = code
  }
}

/** The database could not be reached in time, or went away: trying again may help. */
export class DatabaseUnavailableError extends DatabaseLayerError {
  readonly retryable = true
  /** Whether the statement may have been carried out although its answer was lost. */
  readonly outcomeUnknown: boolean

  constructor(
    message: string,
    options: { code?: string | undefined; cause?: unknown; outcomeUnknown?: boolean } = {},
  ) {
    super(message, options)
    this.outcomeUnknown = options.outcomeUnknown ?? false
  }
}

/** The database refused a statement. */
export class QueryError extends DatabaseLayerError {
  readonly retryable: boolean
  /** The violated constraint, by its name in the schema. */
  readonly constraint: string | undefined

  constructor(
    message: string,
    options: {
      code?: string | undefined
      cause?: unknown
      constraint?: string | undefined
      retryable?: boolean
    } = {},
  ) {
    super(message, options)
    this.constraint = options.constraint
    this.retryable = options.retryable ?? false
  }
}

/** At start: there is no database at the address. The message says where, and what to do. */
export class DatabaseUnreachableError extends DatabaseLayerError {
  readonly retryable = true
}

/** The database has not the tables that this code expects. */
export class NotMigratedError extends DatabaseLayerError {
  readonly retryable = false

  constructor() {
    super('The database has not the tables of this version: run caly migrate first')
  }
}

/** Another process holds the data folder of the embedded database. */
export class DataFolderLockedError extends DatabaseLayerError {
  readonly retryable = false
  readonly folder: string
  readonly pid: number

  constructor(folder: string, pid: number) {
    super(
      `The data folder ${folder} is in use by process ${pid}: stop that process, or set CALY_DATA_DIR to another folder`,
    )
    this.folder = folder
    this.pid = pid
  }
}

/** What a PostgreSQL ErrorResponse carries, as postgres.js hands it over. */
interface ServerFault extends Error {
  readonly code: string
  readonly severity?: string
  readonly constraint_name?: string
  readonly schema_name?: string
  readonly table_name?: string
  readonly column_name?: string
  readonly routine?: string
}

const isServerFault = (error: unknown): error is ServerFault =>
  error instanceof Error &&
  'severity' in error &&
  'code' in error &&
  /^[0-9A-Z]{5}$/.test(String(error.code))

/** Whether the server ended the session with this error. */
const isFatal = (error: unknown): boolean =>
  isServerFault(error) && /^(FATAL|PANIC)$/.test(error.severity ?? '')

/**
 * 08 connection, 53 resources, 57P shutting down, 58 system; 25006 is a server that turned into a
 * standby under our feet.
 */
const unavailable = /^(08...|53...|57P0[1-5]|58...|25006)$/

/** Serialization failure, deadlock, lock and statement timeout: the same work may pass next time. */
const worthRepeating = /^(40001|40P01|55P03|57014)$/

/** Whether a connection that gave this error must not be used again. */
export const spoilsConnection = (error: unknown): boolean =>
  !isServerFault(error) || isFatal(error) || error.code === '25006'

/** Our own error for whatever the driver threw while a statement ran. */
export function statementError(error: unknown): DatabaseLayerError {
  if (error instanceof DatabaseLayerError) return error
  if (!isServerFault(error)) {
    const code = codeOf(error)
    return new DatabaseUnavailableError('The connection to the database was lost', {
      code,
      cause: error,
      outcomeUnknown: true,
    })
  }
  const { code, constraint_name: constraint } = error
  if (unavailable.test(code))
    return new DatabaseUnavailableError(`The database is not available (${code})`, {
      code,
      cause: error,
    })
  const what = constraint === undefined ? code : `${code}, ${constraint}`
  return new QueryError(`The database refused the statement (${what})`, {
    code,
    constraint,
    cause: error,
    retryable: worthRepeating.test(code),
  })
}

/** Our own error for whatever kept a connection from being made; nothing was sent over it yet. */
export function connectError(error: unknown): DatabaseLayerError {
  if (error instanceof DatabaseLayerError) return error
  const code = codeOf(error)
  const why = code === undefined ? '' : ` (${code})`
  return new DatabaseUnavailableError(`The database cannot be reached${why}`, {
    code,
    cause: error,
  })
}

/** The code of a system or server error. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/**
 * What of the original error may stand in a log: a copy, because PostgreSQL writes values into
 * `detail` and `where` ("Key (email)=(…)") and into the message of data exceptions (class 22), and
 * postgres.js hangs the parameters on the error.
 */
function safeCause(cause: unknown): unknown {
  return isServerFault(cause) ? new PostgresFault(cause) : cause
}

/** PostgreSQL's own words on why it refused, without values. */
export class PostgresFault extends Error {
  override readonly name = 'PostgresFault'
  readonly code: string
  readonly severity: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly constraint: string | undefined
  readonly routine: string | undefined

  constructor(fault: ServerFault) {
    const mayQuoteValues = /^(22|P0)/.test(fault.code)
    super(mayQuoteValues ? fault.message.replace(/".*"/gs, '"…"') : fault.message)
    this.code = fault.code
    this.severity = fault.severity
    this.schema = fault.schema_name
    this.table = fault.table_name
    this.column = fault.column_name
    this.constraint = fault.constraint_name
    this.routine = fault.routine
  }
}
