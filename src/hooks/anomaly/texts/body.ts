import { isPlainName, mayAttack, type Visit } from './visit.ts'

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

  /** Whether there is room for one more, that many levels above the deepest. */
  const mayGoOn = (depth: number): boolean => {
    const may = depth > 0 && left > 0
    if (may) left -= 1
    else isWhole = false
    return may
  }

  const walk = (value: unknown, at: string, depth: number): void => {
    if (typeof value === 'string') visit(value, 'body', at)
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      for (const item of value) {
        if (!mayGoOn(depth)) return
        walk(item, at, depth - 1)
      }
      return
    }
    for (const name of Object.keys(value)) {
      if (!mayGoOn(depth)) return
      const inner: unknown = Reflect.get(value, name)
      const place = at === '' ? name : `${at}.${name}`
      if (!isPlainName(name)) {
        visit(strangeName(at, name, inner), 'body', place)
        if (mayAttack(name)) visit(name, 'body', place)
      }
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
