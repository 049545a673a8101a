/** What failed, by the conventions for HTTP servers: names of classes, never messages. */
import { otherName } from './series.ts'

/** Names of classes; anything else could be a message. */
const errorName = /^[A-Za-z_$][A-Za-z0-9_$.-]{0,63}$/

/**
 * `error.type` of a request that the server failed at: the class of what was thrown, or else the
 * status. A client's mistake (4xx) is none.
 *
 * @param status undefined where no response came about
 */
export function requestErrorType(status: number | undefined, failure: unknown): string | undefined {
  if (status !== undefined && status < 500) return undefined
  if (failure instanceof Error) return classOf(failure)
  return status === undefined ? otherName : String(status)
}

/** `exception.type`: the class at the bottom, where wrappers only say that something failed. */
export function rootErrorType(failure: Error): string {
  let root = failure
  for (let depth = 0; depth < 5 && root.cause instanceof Error; depth++) root = root.cause
  return classOf(root)
}

/** The class of an error, if its name is one. */
const classOf = ({ name }: Error): string => (errorName.test(name) ? name : otherName)
