/** How long a check waits for what, in milliseconds. */
export interface CheckLimits {
  /** For a service to take the call. */
  readonly taken: number
  /** Without any callback, from the moment when Exotel took the call, or the last one came. */
  readonly callback: number
  /** For all of it. */
  readonly all: number
  /** The longest pause between two questions to Exotel about one thing. */
  readonly inquiry: number
  /** Between two looks at the database. */
  readonly look: number
}

export const usualLimits: CheckLimits = {
  taken: 20_000,
  // Each leg rings for 40 s at most: by then one was answered, or the call is over.
  callback: 60_000,
  all: 600_000,
  inquiry: 15_000,
  look: 250,
}
