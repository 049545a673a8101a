import { otherName } from '../metrics/series.ts'

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  otherName,
] as const

/** A method by its place among the known ones (RFC 9110 and 5789). */
export type MethodIndex = number

const indexes = new Map<string, MethodIndex>(methods.map((name, index) => [name, index]))

/** How many methods there are to tell apart. */
export const methodCount = methods.length

/** The place of a method. All unknown ones share the last: a client must not make series. */
export const methodIndex = (method: string): MethodIndex => indexes.get(method) ?? methodCount - 1

/** The conventions' name of a method: `_OTHER` for an unknown one. */
export const methodName = (index: MethodIndex): string => methods[index] ?? otherName
