import { acts, isCodey } from './script.ts'

/** Names of events (HTML, SVG, pointer, touch, media, and of browsers long gone) by their beginning. */
const events =
  /^on(?:abort|activate|after|animation|auxclick|before|begin|blur|bounce|cancel|canplay|cell|change|click|close|command|connect|content|context|controlselect|copy|cue|cut|data|dblclick|deactivate|device|drag|drop|duration|emptied|end|error|explicit|filter|finish|focus|form|fullscreen|gesture|gotpointer|hash|help|input|invalid|key|layout|load|losecapture|lostpointer|media|message|mouse|move|moz|ms|offline|online|open|orientation|outofsync|page|paste|pause|play|pointer|popstate|pop|progress|property|rate|ready|redo|rejection|repeat|reset|resize|resume|reverse|row|scroll|search|security|seek|select|show|size|slot|stalled|start|statechange|stop|storage|submit|suspend|sync|syncrestored|time|toggle|touch|track|transition|unload|undo|unhandled|url|visibility|volume|waiting|webkit|wheel|zoom)[a-z]*$/

/** The ones that a page would hardly use a word for in another sense. */
const plainEvents =
  /^on(?:load|error|click|dblclick|mouse|focus|blur|key|submit|pointer|touch|webkit)/

/** A component's handler in braces (JSX): a name or a function, not yet a call. */
const component = /^\{\s{0,4}(?!(?:alert|confirm|prompt|eval)\b)|^\{\s{0,4}$/

/** How surely an attribute of a tag is an event handler with a script. */
export function scoreOfHandler(attribute: string, value: string): number {
  const name = /on[a-z]{3,}/.exec(attribute)?.[0]
  if (name === undefined || !/^[^a-z]*on[a-z]{3,}(?![a-z:])/.test(attribute)) return 0
  if (component.test(value)) return 0
  if (isCodey(value)) return events.test(name) ? 0.95 : 0.75
  return plainEvents.test(name) && value !== '' && !/^(?:true|false|\d+)$/.test(value) ? 0.8 : 0
}

/** What may stand between an event's name and its `=` in one browser or another. */
const isFiller = (code: number): boolean =>
  code <= 32 || (code < 127 && '!#$%&()*~+-_.,:;?@[/|\\]^`'.includes(String.fromCharCode(code)))

const isLetter = (code: number): boolean => code >= 97 && code <= 122

/** A function is assigned: a script's own, honest way to set a handler. */
const assignsFunction =
  /^(?:async\b|function\b|\([^()]{0,60}\)\s{0,4}=>|[\w$]{1,40}\s{0,4}=>|(?:null|undefined|this|require)\b)/

/**
 * How surely a text sets an event handler outside of what reads as a tag: it stands in a tag of the
 * page already, and ends an attribute's value or begins behind one.
 */
export function scoreOfHandlerInText(lower: string): number {
  let score = 0
  let looks = 0
  let at = lower.indexOf('=')
  for (let signs = 0; at >= 0 && signs < mostSigns && score < 0.7; signs += 1) {
    const start = startOfEvent(lower, at)
    if (start >= 0) {
      score = Math.max(score, scoreOfAssignment(lower, start, at))
      if (++looks >= mostLooks) break
    }
    at = lower.indexOf('=', at + 1)
  }
  return score
}

/**
 * Signs of equality of a text that are looked at, and the handlers among them: a text with more, none
 * of which runs, is not worth more time.
 */
const mostSigns = 512
const mostLooks = 32

/** Where the name of an event begins that ends before an `=`; below 0 for none. */
function startOfEvent(lower: string, equals: number): number {
  let end = equals
  while (end > 0 && equals - end < 40 && isFiller(lower.charCodeAt(end - 1))) end -= 1
  let start = end
  while (start > 0 && end - start < 48 && isLetter(lower.charCodeAt(start - 1))) start -= 1
  if (end - start < 5 || !lower.startsWith('on', start)) return -1
  const name = lower.slice(start, end)
  return events.test(name) && !/[\w.$-]/.test(lower[start - 1] ?? '') ? start : -1
}

function scoreOfAssignment(lower: string, start: number, equals: number): number {
  if (/<["'`]$/.test(lower.slice(Math.max(0, start - 2), start))) return 0.7
  const value = valueAt(lower, equals + 1)
  if (component.test(value) || assignsFunction.test(value)) return 0
  if (acts(value)) return 0.85
  const breaksOut = /["'`>/]\s{0,8}$/.test(lower.slice(Math.max(0, start - 9), start))
  return breaksOut && isCodey(value) ? 0.7 : 0
}

/** The value behind an `=`: without its quote, and up to white space where it has none. */
function valueAt(lower: string, from: number): string {
  const region = lower.slice(from, from + 200)
  const value = region.replace(/^[\s'"`\\]{1,8}/, '')
  const isQuoted = /^\s{0,8}[\\]?['"`]/.test(region)
  return isQuoted ? value : (/^\S*/.exec(value)?.[0] ?? '')
}
