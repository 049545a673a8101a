import type { Place } from '../finding.ts'
import type { View } from '../view.ts'

/** All ways to read a text that are worth looking at: the first is the text as it came. */
export function viewsOf(text: string, place: Place): readonly View[] {
  return [{ text, lower: text.toLowerCase(), layers: 0, place }]
}
