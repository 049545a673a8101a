import { getNumberFromEnv } from '@opentelemetry/core'

/**
 * A number of the specification's variables, by the first of the names that has one. What is no
 * positive number counts as not said, as the specification has it: a queue of no spans, or a wait of
 * no time, would lose all of them in silence.
 */
export function positiveFromEnv<Usual extends number | undefined>(
  usual: Usual,
  ...names: readonly string[]
): number | Usual {
  return names.map(getNumberFromEnv).find((value) => value !== undefined && value > 0) ?? usual
}
