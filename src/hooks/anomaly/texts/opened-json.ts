import { visitBody } from './body.ts'
import type { Visit } from './visit.ts'

/** Characters of a text that is read as JSON, at most. */
const maxLength = 16_384

/** How often a text may be wrapped into JSON. */
const maxLevels = 3

/** What a document of JSON that holds texts begins with, and what it ends with then. */
const endings: ReadonlyMap<number, number> = new Map(
  ['{}', '[]', '""'].map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]),
)

const blank = /\s$/

/**
 * The same visitor, who is also shown what stands in a text that is JSON itself: a parameter or field
 * that holds a whole document of its own.
 *
 * @param inner the visitor of what stands inside: those characters were shown before
 * @param mayOpen whether there is time to read another document
 */
export const openingJson =
  (visit: Visit, inner: Visit, mayOpen: (text: string) => boolean, levels = maxLevels): Visit =>
  (text, place, at) => {
    visit(text, place, at)
    if (levels === 0 || text.length > maxLength || !mayBeJson(text) || !mayOpen(text)) return
    const open = openingJson(inner, inner, mayOpen, levels - 1)
    visitBody(parsed(text), (leaf) => open(leaf, place, at))
  }

/** Told by both ends: an exception for each other text would cost more than all else. */
function mayBeJson(text: string): boolean {
  const ending = endings.get(text.charCodeAt(0))
  if (ending === undefined || text.length < 4) return false
  const whole = blank.test(text) ? text.trimEnd() : text
  return whole.charCodeAt(whole.length - 1) === ending
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
