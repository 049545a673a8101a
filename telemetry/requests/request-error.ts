/** What failed, by the conventions for HTTP servers: names of classes, never messages. */
import { classOf } from '../error-type.ts'
import { otherName } from '../metrics/series.ts'

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
