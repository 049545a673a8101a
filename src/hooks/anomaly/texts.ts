import type { Place } from './finding.ts'

/** Takes a text of a request: where it stood, and under which name. */
export type Visit = (text: string, place: Place, at: string | undefined) => void

/** Levels and entries of a body that are visited; a parser in front may allow fewer. */
const maxDepth = 64
const maxEntries = 10_000

/** Names that are names and nothing else. */
const plainName = /^[A-Za-z][\w-]{0,63}$/

/** Names that reach into every object's prototype. */
const reaching = new Set(['constructor', 'prototype'])

const isPlain = (name: string): boolean => plainName.test(name) && !reaching.has(name)

/**
 * Visits the path's segments and the query's parameters, with the transport's encoding taken off.
 *
 * @param target path and query, as they were sent
 */
export function visitTarget(target: string, visit: Visit): void {
  const mark = target.indexOf('?')
  visitPath(mark === -1 ? target : target.slice(0, mark), visit)
  if (mark !== -1) visitParameters(target.slice(mark + 1), 'query', visit)
}

/** Names and ids between slashes: nearly all paths there are. */
const plainPath = /^(?:\/[a-z0-9][a-z0-9_-]*)+\/?$/i

/** Where such a path names a file of the system's. */
const systemRoot = /^\/(?:etc|proc|sys|dev|root|home|usr|var|bin|boot|opt|windows|winnt)\//i

function visitPath(path: string, visit: Visit): void {
  if (plainPath.test(path) && !systemRoot.test(path)) return
  // Whole, for what climbs or names a file over several segments; then each, decoded.
  visit(path, 'path', undefined)
  if (!path.includes('%')) return
  for (const segment of path.split('/'))
    if (segment !== '') visit(decoded(segment), 'path', undefined)
}

/** Characters of a text that is read as JSON, at most. */
const maxJson = 16_384

/**
 * The same visitor, who also visits what stands in a text that is JSON itself: a parameter or field
 * that holds a whole document of its own.
 */
export const openingJson =
  (visit: Visit): Visit =>
  (text, place, at) => {
    visit(text, place, at)
    const first = text.charCodeAt(0)
    if ((first !== brace && first !== bracket) || text.length > maxJson) return
    const inner = parsed(text)
    if (inner !== undefined) visitBody(inner, (leaf) => visit(leaf, place, at))
  }

const brace = '{'.charCodeAt(0)
const bracket = '['.charCodeAt(0)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Visits what a form says (`application/x-www-form-urlencoded`), a query's parameters too. */
export function visitParameters(text: string, place: 'query' | 'body', visit: Visit): void {
  for (const parameter of text.split('&', maxEntries)) {
    const equals = parameter.indexOf('=')
    const name = decoded(spaced(equals === -1 ? parameter : parameter.slice(0, equals)))
    const value = equals === -1 ? '' : decoded(spaced(parameter.slice(equals + 1)))
    if (!isPlain(name)) visit(value === '' ? name : `${name}=${value}`, place, name)
    if (value !== '') visit(value, place, name)
  }
}

/**
 * Visits every text of a body that was read, names of fields too: a strange one as
 * `outer[inner]=value`, the way a form has it.
 *
 * @returns whether all of it was visited
 */
export function visitBody(body: unknown, visit: Visit): boolean {
  let left = maxEntries
  const walk = (value: unknown, at: string, depth: number): boolean => {
    if (typeof value === 'string') {
      visit(value, 'body', at)
      return true
    }
    if (typeof value !== 'object' || value === null) return true
    if (depth === 0) return false
    if (Array.isArray(value)) return value.every((item) => --left >= 0 && walk(item, at, depth - 1))
    return Object.entries(value).every(([name, inner]) => {
      if (--left < 0) return false
      if (!isPlain(name)) visit(strangeName(at, name, inner), 'body', at)
      return walk(inner, at === '' ? name : `${at}.${name}`, depth - 1)
    })
  }
  return walk(body, '', maxDepth)
}

function strangeName(at: string, name: string, value: unknown): string {
  const path = at === '' ? name : `${at}[${name}]`
  return typeof value === 'object' ? `${path}=` : `${path}=${String(value)}`
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
