/**
 * Text of somebody else's, on one line: no control characters, which a terminal would obey, no
 * characters that turn the direction of what follows, at most 300 characters.
 */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}

/** Where to read about an advisory, by its id; undefined for an id that no address could hold. */
export function pageOf(id: string): string | undefined {
  if (!isId(id)) return undefined
  return id.startsWith('GHSA-')
    ? `https://github.com/advisories/${id}`
    : `https://osv.dev/vulnerability/${id}`
}

/** Whether a text can be the id of an advisory: what goes into addresses, files and tables. */
export const isId = (text: string): boolean => /^[A-Za-z0-9][\w.:+-]{0,127}$/.test(text)
