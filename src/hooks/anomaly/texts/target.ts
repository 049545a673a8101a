import { isPlainName, mayAttack, type Visit } from './visit.ts'

/** Parameters that are visited; a parser may allow fewer. */
const maxParameters = 1000

/**
 * Whether a target is a path of names and ids alone, in which there is nothing to visit.
 *
 * @param from where it begins
 */
export function isPlainTarget(text: string, from = 0): boolean {
  plainPath.lastIndex = systemRoot.lastIndex = from
  return plainPath.test(text) && !systemRoot.test(text)
}

/**
 * Visits the path's segments and the query's parameters, with the transport's encoding taken off.
 *
 * @param target path and query, as they were sent
 * @returns whether all of it was visited
 */
export function visitTarget(target: string, visit: Visit): boolean {
  const mark = target.indexOf('?')
  visitPath(mark === -1 ? target : target.slice(0, mark), visit)
  return mark === -1 || visitQuery(target.slice(mark + 1), visit)
}

/** Names and ids between slashes: nearly all paths there are. */
const plainPath = /(?:\/[a-z0-9][a-z0-9_-]*)*\/?$/iy

/** Where such a path names a file of the system's. */
const systemRoot = /\/(?:etc|proc|sys|dev|root|home|usr|var|bin|boot|opt|windows|winnt)\//iy

/** What is encoded, and signs that need not be. */
const marked = /[%'()*!;=$,]/

function visitPath(path: string, visit: Visit): void {
  if (isPlainTarget(path)) return
  // Whole, for what climbs or names a file over several segments; then each, decoded.
  visit(path, 'path', undefined)
  if (!marked.test(path)) return
  for (const segment of path.split('/'))
    if (segment !== '') visit(decoded(segment), 'path', undefined)
}

/** What stands behind the question mark (`application/x-www-form-urlencoded`). */
function visitQuery(query: string, visit: Visit): boolean {
  let left = maxParameters
  for (let start = 0; start < query.length; ) {
    const found = query.indexOf('&', start)
    const end = found === -1 ? query.length : found
    if (end > start) {
      if (--left < 0) return false
      visitParameter(query.slice(start, end), visit)
    }
    start = end + 1
  }
  return true
}

function visitParameter(parameter: string, visit: Visit): void {
  const equals = parameter.indexOf('=')
  const name = decoded(spaced(equals === -1 ? parameter : parameter.slice(0, equals)))
  const value = equals === -1 ? '' : decoded(spaced(parameter.slice(equals + 1)))
  if (!isPlainName(name)) {
    visit(value === '' ? name : `${name}=${value}`, 'query', name)
    if (value !== '' && mayAttack(name)) visit(name, 'query', name)
  }
  if (value !== '') visit(value, 'query', name)
}

const spaced = (text: string): string => (text.includes('+') ? text.replaceAll('+', ' ') : text)

/** What is not encoded as UTF-8 stays as it came: the detection decodes that by itself. */
function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
