/**
 * Opaque cursors: where a page ended, bound to the filters it was made with. A cursor used with
 * other filters would skip or repeat rows in silence; it is refused instead.
 */
import { createHash } from 'node:crypto'

/** Bytes of the filters' hash: enough to tell mistakes, and nobody gains by forging one. */
const bindingLength = 8

/** @param filters what narrows the list, apart from cursor and limit */
export function encodeCursor(id: string, filters: readonly unknown[]): string {
  const uuid = Buffer.from(id.replaceAll('-', ''), 'hex')
  return Buffer.concat([uuid, binding(filters)]).toString('base64url')
}

/** @returns the id of the last row, or undefined if the cursor is none, or not for these filters */
export function decodeCursor(cursor: string, filters: readonly unknown[]): string | undefined {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length !== 16 + bindingLength || bytes.toString('base64url') !== cursor)
    return undefined
  if (!bytes.subarray(16).equals(binding(filters))) return undefined
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const binding = (filters: readonly unknown[]): Buffer =>
  createHash('sha256')
    .update(JSON.stringify(filters.map((filter) => filter ?? null)))
    .digest()
    .subarray(0, bindingLength)
