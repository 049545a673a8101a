/** A parameter of a URL, a form or a cookie, as the first of a text or behind another one. */
const parameter = /[?&;]\s?[\w.[\]-]{1,64}=/g
const first = /^[\w.[\]-]{1,64}=(?!=)/

/** How many parameters of one text are looked at, and how many segments of a path. */
const mostParts = 16

/** What no attack is made of alone. */
const plain = /^(?!.*--)[\w.-]*$/

/**
 * The parts of a text that may be values of their own: segments of a path, parameters. A text that
 * is one value has none.
 */
export function partsOf(text: string): readonly string[] {
  const parts = text.startsWith('/') ? text.slice(1).split('/', mostParts) : []
  if (text.includes('=')) addParameters(text, parts)
  return parts.filter((part) => !plain.test(part))
}

function addParameters(text: string, values: string[]): void {
  let start = first.exec(text)?.[0].length
  parameter.lastIndex = start ?? 0
  for (let i = 0; i < mostParts; i += 1) {
    const found = parameter.exec(text)
    if (start !== undefined) values.push(text.slice(start, found?.index))
    if (found === null) return
    start = parameter.lastIndex
  }
}
