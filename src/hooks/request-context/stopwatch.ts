/** Where the time of a request goes. What is not one of these is the handler's own. */
export type Stage = 'pool' | 'query' | 'provider'

/**
 * Adds up a request's time by stage, in milliseconds. Work that runs side by side counts in full
 * each, so that the sum can be more than the request took.
 */
export class Stopwatch {
  /** Waiting for a connection to the database. */
  pool = 0
  /** In statements, from sending to the answer. */
  query = 0
  /** Waiting for the provider. */
  provider = 0

  add(stage: Stage, milliseconds: number): void {
    this[stage] += milliseconds
  }
}
