import { isPlainName, type Visit } from './visit.ts'

/** Levels and entries of a body that are visited; a parser in front may allow fewer. */
const maxDepth = 64
const maxEntries = 10_000

/**
 * Visits every text of a body that was read, names of fields too: a strange one as
 * `outer[inner]=value`, the way a form has it.
 *
 * @returns whether all of it was visited
 */
export function visitBody(body: unknown, visit: Visit): boolean {
  let left = maxEntries
  let isWhole = true
  const walk = (value: unknown, at: string, depth: number): void => {
    if (typeof value === 'string') visit(value, 'body', at)
    if (typeof value !== 'object' || value === null) return
    const entries: readonly (readonly [string | undefined, unknown])[] = Array.isArray(value)
      ? value.map((item) => [undefined, item])
      : Object.entries(value)
    for (const [name, inner] of entries) {
      if (depth === 0 || left === 0) {
        isWhole = false
        return
      }
      left -= 1
      const place = name === undefined ? at : at === '' ? name : `${at}.${name}`
      if (name !== undefined && !isPlainName(name))
        visit(strangeName(at, name, inner), 'body', place)
      walk(inner, place, depth - 1)
    }
  }
  walk(body, '', maxDepth)
  return isWhole
}

function strangeName(at: string, name: string, value: unknown): string {
  const path = at === '' ? name : `${at}[${name}]`
  return typeof value === 'object' ? `${path}=` : `${path}=${String(value)}`
}
