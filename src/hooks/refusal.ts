import type { ProblemError } from '../errors.ts'

/** What the context of a request has where the app answers errors by a hook of ours. */
export const answersProblems = 'answersProblems'

/**
 * What a hook throws that refuses a request before it is routed. Elysia asks such an error for its
 * own answer first and tells no hook then: so it has none where the app has a hook for errors.
 *
 * @param isAnswered whether {@linkcode answersProblems} is in the context
 */
export function refusal<Problem extends ProblemError>(
  problem: Problem,
  isAnswered: boolean,
): Problem {
  if (isAnswered) Object.defineProperty(problem, 'toResponse', { value: undefined })
  return problem
}
