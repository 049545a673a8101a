/** Which part of a list is asked for. */
export interface Page {
  /** Rows at most. */
  readonly limit: number
  /** The id of the last row of the page before. @default {undefined} the first page */
  readonly after: string | undefined
}
