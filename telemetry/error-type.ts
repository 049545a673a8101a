import { otherName } from './metrics/series.ts'

/** Names of classes and codes; anything else could be a message. */
const errorName = /^[A-Za-z_$][A-Za-z0-9_$.-]{0,63}$/
const sqlState = /^[0-9A-Z]{5}$/

/**
 * `error.type` of what a piece of work threw: the SQLSTATE or the system's code where there is one,
 * else the class. Never a message, which could hold values.
 */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return otherName
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return sqlState.test(name) || errorName.test(name) ? name : otherName
}

/** A SQLSTATE is the database's response; a system's error code is not. */
export const isSqlState = (errorType: string): boolean => sqlState.test(errorType)

/** The class of an error, if its name is one. */
export const classOf = ({ name }: Pick<Error, 'name'>): string =>
  errorName.test(name) ? name : otherName
