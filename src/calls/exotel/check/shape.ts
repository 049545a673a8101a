/** What an object of Exotel's may look like, and how one that came differs from it. */

/** The kinds of a value in JSON. A form has texts only. */
export type Kind = 'text' | 'number' | 'boolean' | 'null' | 'list' | 'object'

/** How well a field is known: from Exotel's own pages, or from the code of others alone. */
export type Source = 'documented' | 'seen in code'

/** One field. */
export interface Field {
  readonly source: Source
  readonly kinds: readonly Kind[]
  /** Whether it may be left out. @default false */
  readonly optional?: boolean
  /** The fields of an object, or of each item of a list. */
  readonly fields?: Shape
}

/** The fields of an object, by their names. */
export type Shape = Readonly<Record<string, Field>>

/**
 * In what something that came is not as it is known. Names of fields only, never a value; the known
 * ones with their source.
 */
export interface Differences {
  /** Fields that nobody has told of. */
  readonly fresh: readonly string[]
  /** Fields that should be there. */
  readonly missing: readonly string[]
  /** Fields whose value is of another kind. */
  readonly otherType: readonly string[]
}

/** How a message spells its values. */
export interface Spelling {
  /** Whether all values are texts, as in forms: then their kinds say nothing. @default false */
  readonly textsOnly?: boolean
}

/** Items of a list that are looked at: their fields are the same, and a list may be long. */
const mostItems = 20

/** Names of each sort that are told: a page in the place of an answer must not fill the screen. */
const mostNames = 40

/** Compares something that came with what is known of it. */
export function differencesOf(
  value: unknown,
  shape: Shape,
  { textsOnly = false }: Spelling = {},
): Differences {
  const found = {
    fresh: new Set<string>(),
    missing: new Set<string>(),
    otherType: new Set<string>(),
  }

  function compare(object: object, fields: Shape, path: string): void {
    for (const name of Object.keys(object))
      if (!Object.hasOwn(fields, name)) found.fresh.add(path + shownName(name))
    for (const [name, field] of Object.entries(fields)) {
      if (Object.hasOwn(object, name)) look(Reflect.get(object, name), field, path + name)
      else if (field.optional !== true) found.missing.add(known(path + name, field))
    }
  }

  function look(inner: unknown, field: Field, path: string): void {
    const kind = kindOf(inner)
    if (!field.kinds.includes(kind) && !(textsOnly && kind === 'text'))
      found.otherType.add(known(path, field))
    if (field.fields === undefined || typeof inner !== 'object' || inner === null) return
    if (!Array.isArray(inner)) compare(inner, field.fields, `${path}.`)
    else
      for (const item of inner.slice(0, mostItems))
        if (kindOf(item) === 'object') compare(item, field.fields, `${path}[].`)
        else found.otherType.add(`${path}[]`)
  }

  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    compare(value, shape, '')
  else found.otherType.add('(the whole)')
  const names = (set: ReadonlySet<string>) => [...set].slice(0, mostNames)
  return {
    fresh: names(found.fresh),
    missing: names(found.missing),
    otherType: names(found.otherType),
  }
}

/** How many there are. */
export const countOf = ({ fresh, missing, otherType }: Differences): number =>
  fresh.length + missing.length + otherType.length

function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'object'
  if (typeof value === 'number') return 'number'
  return typeof value === 'boolean' ? 'boolean' : 'text'
}

const known = (path: string, { source }: Field): string => `${path} (${source})`

/** A name that could be somebody's number, or that a terminal would obey, is not repeated. */
const shownName = (name: string): string =>
  /^[A-Za-z_][\w-]{0,63}$/.test(name) && !/\d{5}/.test(name) ? name : '(another name)'
