import { ProjectError, quoted } from './errors.ts'
import { limits } from './limits.ts'

/**
 * An object of a file, as `JSON.parse` makes it: `__proto__` is a key like any other. Fields are read
 * by names that are written here; names that the file chose are only ever listed or put into a Map.
 */
export type Fields = Readonly<Record<string, unknown>>

/** Whether a value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The error for a field that is not what its format says. */
export function malformed(where: string, what: string): ProjectError {
  return new ProjectError('malformed', where === '' ? what : `${quoted(where)}: ${what}`)
}

/** A field that is an object, if it is there. @throws {ProjectError} where it is something else */
export function fieldsOf(fields: Fields, name: string, where: string): Fields | undefined {
  const value = fields[name]
  if (value === undefined || isFields(value)) return value
  throw malformed(where, `"${name}" is not an object`)
}

/** A field that is a list, if it is there. @throws {ProjectError} where it is something else */
export function listOf(
  fields: Fields,
  name: string,
  where: string,
): readonly unknown[] | undefined {
  const value: unknown = fields[name]
  if (value === undefined || Array.isArray(value)) return value
  throw malformed(where, `"${name}" is not a list`)
}

/** A field that is text fit to be shown, if it is there. @throws {ProjectError} where it is not */
export function textOf(fields: Fields, name: string, where: string): string | undefined {
  const value = fields[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw malformed(where, `"${name}" is not text`)
  return shown(value, limits.name, where, `"${name}"`)
}

/** A field that is one text or a list of them; none where it is not there. */
export function textsOf(fields: Fields, name: string, where: string): readonly string[] {
  const value: unknown = fields[name]
  if (value === undefined) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((item) => {
    if (typeof item !== 'string') throw malformed(where, `"${name}" is not a list of texts`)
    return shown(item, limits.name, where, `"${name}"`)
  })
}

/** Control and format characters: they move cursors, turn text around and cannot be seen. */
const hidden = /[\p{Cc}\p{Cf}]/u

/**
 * Text that goes on from here: to a terminal, an address, a database.
 *
 * @throws {ProjectError} for one that is too long or has characters that cannot be seen
 */
export function shown(text: string, limit: number, where: string, what: string): string {
  if (text.length > limit) throw malformed(where, `${what} has more than ${limit} characters`)
  if (hidden.test(text)) throw malformed(where, `${what} has control characters`)
  return text
}

const npmName = /^(?:@[^/@\s\\]+\/)?[^/@\s\\]+$/

/** Whether a text can be the name of a package of npm: one segment, or two with a scope. */
export function isNpmName(name: string): boolean {
  return name.length <= limits.name && npmName.test(name) && !/(?:^|\/)\.\.?$/.test(name)
}

/** @throws {ProjectError} where a text cannot be the name of a package of npm */
export function npmNameAt(name: string, where: string): string {
  if (!isNpmName(name)) throw malformed(where, `${quoted(name)} is no package name`)
  return shown(name, limits.name, where, 'the name')
}
