import { DatabaseUnavailableError } from '../errors.ts'
import {
  Connection,
  type ConnectionOptions,
  type Statement,
  type StatementResult,
} from './connection.ts'

/** A connection of its own for questions that must not wait behind anybody's work. */
export interface Probe {
  /**
   * Asks within a time limit, connecting first where needed. One question at a time.
   *
   * @throws {DatabaseUnavailableError} if there is no answer in time; the connection is then dropped
   */
  ask(statement: Statement, budgetMs: number): Promise<StatementResult>
  /** Drops the connection until the next question. */
  close(): void
}

/** @param options `connectTimeout` and `statementTimeout` give way to each question's own limit */
export function probe(options: ConnectionOptions): Probe {
  let connection: Connection | undefined
  return {
    async ask(statement, budgetMs) {
      const start = performance.now()
      const current = connection
      connection = undefined
      const open =
        current === undefined || current.closed
          ? await Connection.open({ ...options, connectTimeout: budgetMs })
          : current
      const late = new DatabaseUnavailableError('The database did not answer in time')
      const timer = setTimeout(
        () => open.destroy(late),
        Math.max(1, budgetMs - (performance.now() - start)),
      )
      try {
        return await open.run(statement)
      } finally {
        clearTimeout(timer)
        if (connection === undefined && !open.closed) connection = open
        else if (connection !== open) open.destroy()
      }
    },
    close() {
      connection?.destroy()
      connection = undefined
    },
  }
}
