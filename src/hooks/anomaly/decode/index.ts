import type { Place } from '../finding.ts'
import type { View } from '../view.ts'
import { unentity } from './entities.ts'
import { unescaped } from './escapes.ts'
import { plainForms } from './forms.ts'
import { unpercent } from './percent.ts'
import { bestFit, compatible, inUnitClass, unseen } from './ranges.ts'

/** More wrappings than any chain of proxies, frameworks and templates takes off. */
const rounds = 5

/** Whatever can stand for another character: all else needs one look, and has one reading. */
const wrapped = new RegExp(
  `[%&+\\\\${inUnitClass(compatible)}${inUnitClass(unseen)}${Object.keys(bestFit).join('')}]`,
)

/**
 * All ways to read a text that are worth looking at, at most three, no two of them alike:
 *
 * 1. the text as it came;
 * 2. without percent-encoding, `+` being a space in a query: all characters kept, with the control
 *    characters that are spaces to some and nothing to others;
 * 3. without HTML references and numbered escapes too, other forms of ASCII written as ASCII, and
 *    characters that are not seen taken out.
 *
 * A reading is for comparison only: honest text loses by it (`100%25`), so what is found in one of
 * several `layers` should be plainly an attack.
 */
export function viewsOf(text: string, place: Place): readonly View[] {
  const first = viewOf(text, 0, place)
  if (!wrapped.test(text)) return [first]
  const bytes = settled(place === 'query' ? spaced(text) : text, unpercent)
  const whole = settled(bytes.text, unwrapped)
  const views = [first]
  if (bytes.text !== text) views.push(viewOf(bytes.text, bytes.layers, place))
  if (whole.text !== bytes.text && whole.text !== text)
    views.push(viewOf(whole.text, bytes.layers + whole.layers, place))
  return views
}

/** A text with layers taken off. */
interface Settled {
  readonly text: string
  readonly layers: number
}

/** Takes layers off until there are no more. */
function settled(text: string, unwrap: (text: string) => string): Settled {
  let current = text
  for (let layers = 0; layers < rounds; layers++) {
    const next = unwrap(current)
    if (next === current) return { text: current, layers }
    current = next
  }
  return { text: current, layers: rounds }
}

const unwrapped = (text: string): string => plainForms(unescaped(unentity(unpercent(text))))

/** A text of a form that was encoded twice has no spaces; in another a plus is a plus. */
const spaced = (text: string): string => (text.includes(' ') ? text : text.replaceAll('+', ' '))

function viewOf(text: string, layers: number, place: Place): View {
  const lower = text.toLowerCase()
  // İ becomes two: then only ASCII is made lower, so that an index means the same in both.
  return lower.length === text.length
    ? { text, lower, layers, place }
    : { text, lower: text.replace(/[A-Z]+/g, (run) => run.toLowerCase()), layers, place }
}
