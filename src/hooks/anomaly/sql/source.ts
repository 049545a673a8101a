/** A text to be read as SQL, in lower case. */
export interface Source {
  readonly text: string
  readonly budget: Budget
}

/** How many tokens may still be read, of a text from all its places together. */
export interface Budget {
  left: number
}

/**
 * Tokens of one text that are read at most, from all places together where a value may end. The
 * longest attacks that tools send have some 200 until they are known for what they are.
 */
const mostTokens = 800

/** A text with a budget of its own. */
export const sourceOf = (text: string, budget: Budget = { left: mostTokens }): Source => ({
  text,
  budget,
})
