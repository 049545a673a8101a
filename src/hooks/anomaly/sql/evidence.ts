/** How much a nested SELECT looks like code: not there, words that prose may have too, or code. */
export type Selecting = 'none' | 'words' | 'code'

/** What was seen while a text was read as SQL. */
export interface Evidence {
  /** Operators between two operands, of any sort. */
  operators: number
  /** AND, OR, XOR, WHERE and HAVING, and their signs. */
  links: number
  /** Comparisons, whatever of. */
  comparisons: number
  /** Comparisons of two values that do not depend on any row, behind a link: `or 1=1`. */
  constants: number
  /** Calls of functions that databases have, and of others. */
  calls: number
  /** Calls of anything. */
  invocations: number
  /** Commas of the outermost list. */
  commas: number
  /** Signs between operands that prose does not have: shifts, remainders and the like. */
  signs: number
  /** LIKE, REGEXP and the like. */
  patterns: number
  /** Variables of the server: `@@version`. */
  globals: number
  /** TRUE and FALSE. */
  booleans: number
  /** Parentheses closed that the text did not open. */
  closings: number
  /** ORDER BY, GROUP BY, HAVING, LIMIT with what they take. */
  clauses: number
  /** A set operation and what it selects: `union select 1`. */
  union: Selecting
  /** A SELECT within parentheses, or where a value was expected. */
  subquery: Selecting
  /** A SELECT with which the text itself begins, within parentheses. */
  opening: Selecting
  /** A semicolon with nothing behind it but a comment. */
  ends: boolean
  /** Another statement behind a semicolon. */
  statement: boolean
  /** Whether a statement begins right behind the value, without a semicolon. */
  unmarked: boolean
  /** A call that only an attack makes in this place. */
  attack: boolean
  /** The same, where no value came before: `sleep(5)` by itself. */
  leading: boolean
  /** A call that reaches out of the database, anywhere. */
  reach: boolean
  /** Operands that are names of columns or unknown words. */
  names: number
}

/** Whether something was read that goes on from a value. */
export const goesOn = (seen: Evidence): boolean =>
  seen.operators + seen.links + seen.closings + seen.clauses + seen.commas > 0

/** Nothing seen yet. */
export const noEvidence = (): Evidence => ({
  operators: 0,
  links: 0,
  comparisons: 0,
  constants: 0,
  calls: 0,
  invocations: 0,
  commas: 0,
  signs: 0,
  patterns: 0,
  globals: 0,
  booleans: 0,
  closings: 0,
  clauses: 0,
  union: 'none',
  subquery: 'none',
  opening: 'none',
  ends: false,
  statement: false,
  unmarked: false,
  attack: false,
  leading: false,
  reach: false,
  names: 0,
})

/** The stronger of two. */
export const stronger = (a: Selecting, b: Selecting): Selecting =>
  a === 'code' || b === 'code' ? 'code' : a === 'words' || b === 'words' ? 'words' : 'none'
