/** Why one attempt came to nothing. */
export interface Failure {
  readonly ok: false
  readonly status: number | undefined
  /** What the host did, as the end of a sentence that begins with its name. */
  readonly why: string
  /** Whether the next attempt may fare better. */
  readonly passing: boolean
  /** Milliseconds that the host asked to wait. */
  readonly retryAfter: number | undefined
}
