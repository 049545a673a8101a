import { type Attribute, attributesAt } from './attributes.ts'

/** A tag that begins somewhere in a text. */
export interface Tag {
  /** In lower case, with control characters left out and cut at the first odd character. */
  readonly name: string
  readonly isClosing: boolean
  readonly attributes: readonly Attribute[]
  /** Where its `<` is. */
  readonly start: number
  /** Just behind its `>`, or behind what was read of it. */
  readonly end: number
}

/** A tag is read that far; attributes behind that are seen by the looks at the whole text only. */
const longestTag = 2048

/** Characters in all tags together that are read one by one. */
const mostRead = 3072

/** Tags that are read, in number. */
const mostTags = 128

/** `<` of a text that are looked at, most of which open tags that are passed over. */
const mostLooks = 2048

/**
 * The tags of a text, in the reading of browsers (WHATWG HTML §13.2.5): `/` separates attributes,
 * quotes may be missing or never end, control characters do not count. Tags inside of attribute
 * values and comments are told too: where a value stands in a page decides which reading is right,
 * so each `<` is taken for one. Passed over are end tags but a script's, and start tags that plain
 * HTML is made of. Linear, and bounded: a field is no page.
 *
 * @param lower the text in lower case
 */
export function* tagsOf(lower: string): Generator<Tag> {
  let left = mostRead
  let tags = 0
  let start = lower.indexOf('<')
  for (let looks = 0; start >= 0 && looks < mostLooks && left > 0; looks += 1) {
    const from = isEndTag(lower, start) ? 0 : startOfName(lower, start)
    if (from > 0 && !isPassedOver(lower, start, from)) {
      const tag = tagAt(lower, start, from, start + Math.min(longestTag, left))
      left -= tag.end - start
      yield tag
      if (++tags >= mostTags) return
    }
    start = lower.indexOf('<', start + 1)
  }
}

const isLetter = (code: number): boolean => code >= 97 && code <= 122

const isNamePart = (code: number): boolean =>
  isLetter(code) || (code >= 48 && code <= 58) || code === 45 || code === 95

/** Control characters that browsers drop or filters stumble over; white space is none of them. */
const isControl = (code: number): boolean =>
  (code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13) || code === 127

/** The end of an element, but a script's: `/`, and a letter that is no `s`. */
function isEndTag(lower: string, start: number): boolean {
  if (lower.charCodeAt(start + 1) !== 47) return false
  const code = lower.charCodeAt(start + 2)
  return isLetter(code) && code !== 115
}

/** Where the name of a tag begins; 0 where no tag does. */
function startOfName(lower: string, start: number): number {
  let i = start + 1
  let code = lower.charCodeAt(i)
  if (isLetter(code)) return i
  while (code === 92) code = lower.charCodeAt(++i)
  // `/`, `?`, `!`, `%`
  if (code === 47 || code === 63 || code === 33 || code === 37) code = lower.charCodeAt(++i)
  while (isControl(code)) code = lower.charCodeAt(++i)
  return isLetter(code) ? i : 0
}

/** Elements that run, show or change nothing by themselves. */
const plainElements: ReadonlySet<string> = new Set(
  'a abbr address article aside b big blockquote body br button caption center cite code col colgroup dd del details dfn div dl dt em fieldset figcaption figure font footer form g h1 h2 h3 h4 h5 h6 head header hr html i img input ins kbd label legend li main mark nav ol optgroup option p path pre q rect s samp section select small span strike strong sub summary sup svg table tbody td textarea tfoot th thead time title tr tt u ul var wbr'.split(
    ' ',
  ),
)

/** Attributes that hold no script and no address, and values that are neither. */
const plainAttribute =
  '(?!on|style|src|href|data(?:src|format)|ng-|v-|x-)[a-z][a-z-]{0,30}(?:\\s{0,4}=\\s{0,4}(?:"[^"<>:\\\\{]{0,200}"|\'[^\'<>:\\\\{]{0,200}\'|[\\w.#%-]{1,60}))?'

/** Addresses of the web, or within the site. */
const plainAddress =
  '(?:href|src)\\s{0,4}=\\s{0,4}"(?!(?:https?:)?//[\\dx.]{1,48}[a-f\\d]*[/"])(?:https?:)?[^"<>:(\\\\{&]{0,300}"'

/** Styles that call nothing. */
const declaration = '(?!behav|-)[a-z-]{2,30}\\s{0,4}:[\\w\\s#%.,!-]{1,80}'
const plainStyle = `style\\s{0,4}=\\s{0,4}"\\s{0,4}(?:${declaration};\\s{0,4}){0,16}(?:${declaration})?"`

/** What is behind the name of a plain tag: there is one way only to read it. */
const plainRest = new RegExp(
  `(?:\\s{1,8}(?:${plainAddress}|${plainStyle}|${plainAttribute})){0,16}\\s{0,8}/?>`,
  'y',
)

const scriptName = /(?:svg:)?script/y

function isScript(lower: string, from: number): boolean {
  scriptName.lastIndex = from
  return lower[from] === 's' && scriptName.test(lower)
}

function isPassedOver(lower: string, start: number, from: number): boolean {
  if (from > start + 1) return lower[from - 1] === '/' && !isScript(lower, from)
  let end = from + 1
  while (isNamePart(lower.charCodeAt(end))) end += 1
  if (end - from > 12 || !plainElements.has(lower.slice(from, end))) return false
  if (lower.charCodeAt(end) === 62) return true
  plainRest.lastIndex = end
  return plainRest.test(lower)
}

function tagAt(lower: string, start: number, from: number, limit: number): Tag {
  let i = from
  let hasControls = false
  for (; i < lower.length && i - from < 40; i += 1) {
    const code = lower.charCodeAt(i)
    if (isNamePart(code)) continue
    if (!isControl(code)) break
    hasControls = true
  }
  const raw = lower.slice(from, i)
  const name = hasControls ? raw.replace(/[^a-z0-9:_-]+/g, '') : raw
  const isClosing = lower.slice(start, from).includes('/')
  const [attributes, end] = attributesAt(lower, i, Math.min(lower.length, limit))
  return { name, isClosing, attributes, start, end }
}
