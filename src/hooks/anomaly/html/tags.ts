/** One attribute of a start tag, as a forgiving browser reads it. */
export interface Attribute {
  readonly name: string
  readonly value: string
}

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

/**
 * The tags of a text, in the reading of browsers (WHATWG HTML §13.2.5): `/` separates attributes,
 * quotes may be missing or never end, control characters do not count. Tags inside of attribute
 * values and comments are told too: where a value stands in a page decides which reading is right,
 * so each `<` is taken for one. Linear: all tags together are read at most four times over.
 *
 * @param lower the text in lower case
 */
export function* tagsOf(lower: string): Generator<Tag> {
  let budget = 4 * lower.length + longestTag
  for (let start = lower.indexOf('<'); start >= 0; start = lower.indexOf('<', start + 1)) {
    const tag = tagAt(lower, start, Math.min(longestTag, budget))
    if (tag === undefined) continue
    budget -= tag.end - start
    yield tag
    if (budget <= 0) return
  }
}

const isLetter = (code: number): boolean => code >= 97 && code <= 122

const isNamePart = (code: number): boolean =>
  isLetter(code) || (code >= 48 && code <= 58) || code === 45 || code === 95

/** Control characters that browsers drop or filters stumble over; white space is none of them. */
const isControl = (code: number): boolean =>
  (code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13) || code === 127

const isSpace = (code: number): boolean => code <= 32 || code === 160

function tagAt(lower: string, start: number, limit: number): Tag | undefined {
  let i = start + 1
  while (lower[i] === '\\') i += 1
  const isClosing = lower[i] === '/'
  if (isClosing || lower[i] === '?' || lower[i] === '!' || lower[i] === '%') i += 1
  while (isControl(lower.charCodeAt(i))) i += 1
  if (!isLetter(lower.charCodeAt(i))) return undefined
  let name = ''
  for (; i < lower.length && name.length < 40; i += 1) {
    const code = lower.charCodeAt(i)
    if (isNamePart(code)) name += lower[i]
    else if (!isControl(code)) break
  }
  const [attributes, end] = attributesAt(lower, i, Math.min(lower.length, start + limit))
  return { name, isClosing, attributes, start, end }
}

function attributesAt(lower: string, from: number, stop: number): [Attribute[], number] {
  const attributes: Attribute[] = []
  let i = from
  while (i < stop) {
    const code = lower.charCodeAt(i)
    if (code === 62) return [attributes, i + 1]
    if (isSpace(code) || isSeparator(code)) {
      i += 1
      continue
    }
    const nameEnd = endOfName(lower, i, stop)
    const name = lower.slice(i, nameEnd)
    i = skipSpace(lower, nameEnd, stop)
    if (lower[i] !== '=') {
      attributes.push({ name, value: '' })
      continue
    }
    const [value, end] = valueAt(lower, i + 1, stop)
    attributes.push({ name, value })
    i = end
  }
  return [attributes, stop]
}

/** `/`, and quotes where none belongs. */
const isSeparator = (code: number): boolean =>
  code === 47 || code === 34 || code === 39 || code === 96

function endOfName(lower: string, from: number, stop: number): number {
  let i = from
  for (; i < stop; i += 1) {
    const code = lower.charCodeAt(i)
    if (isSpace(code) || isSeparator(code) || code === 62 || code === 61) break
  }
  return i
}

function skipSpace(lower: string, from: number, stop: number): number {
  let i = from
  while (i < stop && isSpace(lower.charCodeAt(i))) i += 1
  return i
}

function valueAt(lower: string, from: number, stop: number): [string, number] {
  const begin = skipSpace(lower, from, stop)
  const quote = lower[begin]
  if (quote === '"' || quote === "'" || quote === '`') {
    const length = lower.slice(begin + 1, stop).indexOf(quote)
    const end = length < 0 ? stop : begin + 1 + length
    return [lower.slice(begin + 1, end), Math.min(stop, end + 1)]
  }
  let i = begin
  while (i < stop && !isSpace(lower.charCodeAt(i)) && lower[i] !== '>') i += 1
  return [lower.slice(begin, i), i]
}
