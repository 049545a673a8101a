import { visitBody } from './body.ts'
import type { Visit } from './visit.ts'

/** Characters of a text that is read as JSON, at most. */
const maxLength = 16_384

/** How often a text may be wrapped into JSON. */
const maxLevels = 3

/** What a document of JSON that holds texts begins with. */
const beginnings = new Set(['{', '[', '"'].map((first) => first.charCodeAt(0)))

/**
 * The same visitor, who is also shown what stands in a text that is JSON itself: a parameter or field
 * that holds a whole document of its own.
 *
 * @param inner the visitor of what stands inside: those characters were shown before
 */
export const openingJson =
  (visit: Visit, inner: Visit, levels = maxLevels): Visit =>
  (text, place, at) => {
    visit(text, place, at)
    if (levels === 0 || text.length > maxLength || !beginnings.has(text.charCodeAt(0))) return
    const open = openingJson(inner, inner, levels - 1)
    visitBody(parsed(text), (leaf) => open(leaf, place, at))
  }

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
