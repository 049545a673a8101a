import { clauses } from './clauses.ts'
import { comparisons } from './comparisons.ts'
import { phrases } from './phrases.ts'
import type { Step } from './step.ts'

const steps: ReadonlyMap<string, Step> = new Map([...comparisons, ...clauses, ...phrases])

/** How SQL goes on from an operand with a word; undefined where it does not. */
export const continuationOf = (word: string): Step | undefined => steps.get(word)
