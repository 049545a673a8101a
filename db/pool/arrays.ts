/**
 * PostgreSQL's array literals (manual, 8.15.6). Own code, since drizzle's parser drops every
 * backslash of an element.
 */

/** Elements as they are written: text, null, or arrays of these. */
export type ArrayElements = readonly (string | null | ArrayElements)[]

/** Writes elements as a literal. */
export function writeArray(elements: ArrayElements): string {
  const written = elements.map((element) => {
    if (element === null) return 'NULL'
    if (typeof element !== 'string') return writeArray(element)
    return `"${element.replace(/[\\"]/g, '\\$&')}"`
  })
  return `{${written.join(',')}}`
}

/** A brace, a comma, a quoted element, or a bare one. */
const token = /[{},]|"((?:[^"\\]|\\.)*)"|([^{},"\s]+)/gsy

/**
 * Reads a literal, as the server writes it.
 *
 * @param parse makes the value of an element's text
 * @throws {SyntaxError} if it is not a literal
 */
export function readArray<T>(literal: string, parse: (text: string) => T): ParsedArray<T> {
  const root: ParsedArray<T> = []
  const open: ParsedArray<T>[] = [root]
  // Bounds other than 1 come first: "[0:2]={…}".
  token.lastIndex = literal.indexOf('{')
  for (let match = token.exec(literal); match !== null; match = token.exec(literal)) {
    const [text, quoted, bare] = match
    const inner = open.at(-1)
    if (inner === undefined) break
    if (text === '{') {
      const array: ParsedArray<T> = []
      inner.push(array)
      open.push(array)
    } else if (text === '}') open.pop()
    else if (quoted !== undefined) inner.push(parse(quoted.replace(/\\(.)/gs, '$1')))
    else if (bare !== undefined) inner.push(bare === 'NULL' ? null : parse(bare))
  }
  const [array] = root
  if (open.length !== 1 || !Array.isArray(array)) throw new SyntaxError('Not an array literal')
  return array
}

/** An array of the parsed elements, of whatever depth. */
export type ParsedArray<T> = (T | null | ParsedArray<T>)[]
