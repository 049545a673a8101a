/** `caly/errors`: every error as a problem (RFC 9457), and the errors to throw. */
export * from '../errors.ts'
export { type ProblemDetailsOptions, problemDetails } from '../hooks/problem-details/index.ts'
export { type ProblemBody, problemBody, problemMediaType } from '../problem.ts'
