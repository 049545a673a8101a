/** One attribute of a start tag, as a forgiving browser reads it. */
export interface Attribute {
  readonly name: string
  readonly value: string
  /** Whether the quote that its value begins with is missing behind it, up to the text's end. */
  readonly isOpen: boolean
}

/** More attributes than that has no tag. */
const mostAttributes = 64

/** The attributes of a tag from behind its name on, and where the tag ends. */
export function attributesAt(lower: string, from: number, stop: number): [Attribute[], number] {
  const attributes: Attribute[] = []
  let i = from
  while (i < stop) {
    const code = lower.charCodeAt(i)
    if (code === 62) return [attributes, i + 1]
    if (isSpace(code) || isSeparator(code)) {
      i += 1
      continue
    }
    if (attributes.length >= mostAttributes) return [attributes, i]
    const nameEnd = endOfName(lower, i, stop)
    const name = lower.slice(i, nameEnd)
    i = skipSpace(lower, nameEnd, stop)
    if (lower.charCodeAt(i) !== 61) {
      attributes.push({ name, value: '', isOpen: false })
      continue
    }
    i = addValue(lower, i + 1, stop, name, attributes)
  }
  return [attributes, stop]
}

const isSpace = (code: number): boolean => code <= 32 || code === 160

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

/** Adds an attribute with its value, and tells where that ends. */
function addValue(
  lower: string,
  from: number,
  stop: number,
  name: string,
  attributes: Attribute[],
): number {
  const begin = skipSpace(lower, from, stop)
  const quote = lower.charAt(begin)
  if (quote === '"' || quote === "'" || quote === '`') {
    const close = lower.slice(begin + 1, stop).indexOf(quote)
    const end = close < 0 ? stop : begin + 1 + close
    attributes.push({ name, value: lower.slice(begin + 1, end), isOpen: end === lower.length })
    return Math.min(stop, end + 1)
  }
  let i = begin
  while (i < stop && !isSpace(lower.charCodeAt(i)) && lower.charCodeAt(i) !== 62) i += 1
  attributes.push({ name, value: lower.slice(begin, i), isOpen: false })
  return i
}
