import type { Connection, Statement, StatementResult } from './connection.ts'

/** A connection that belongs to one piece of work until it gives it back. */
export interface Lease {
  readonly connection: Connection
  /** Runs a statement on it. */
  run(statement: Statement): Promise<StatementResult>
  /** Gives it back: to the pool, or away if it is broken or `destroy` is set. */
  release(destroy?: boolean): void
}

/** What a lease is for. */
export interface LeaseOptions {
  /** Who holds it, for the warning; without it the caller's stack is kept. */
  readonly label?: string | undefined
  /** Its statements may take as long as they like (migrations that wait for a lock). */
  readonly patient?: boolean
}

/** What is known of a connection in use. */
export interface Use {
  /** `performance.now()` when it was taken. */
  readonly since: number
  /** Who took it: a label, the statement, or an error whose stack tells. */
  readonly origin: string | Error
  readonly patient: boolean
  /** Whether its long use was told already. */
  warned: boolean
}

/** Who took a connection, in words. */
export const describeOrigin = ({ origin }: Use): string =>
  typeof origin === 'string' ? origin : (origin.stack ?? '')
