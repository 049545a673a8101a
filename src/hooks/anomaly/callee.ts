/** What is called by a bracket, in texts that may be code. */

/** Letters, digits and `_`; the text is in lower case. */
export const isNamePart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95

/** `)`, `]`, `}` and quotes: what is called is no plain name. */
export const isExpressionEnd = (code: number): boolean =>
  code === 41 || code === 93 || code === 125 || code === 39 || code === 34 || code === 96

/** Where ends what stands in front of a bracket: four spaces at most may be between. */
export function endBefore(lower: string, bracket: number): number {
  let end = bracket
  while (end > 0 && bracket - end < 4 && lower.charCodeAt(end - 1) <= 32) end -= 1
  return end
}

/** Names are no longer than that. */
const longestName = 28

/** Where a name begins that ends there. */
export function startOfName(lower: string, end: number): number {
  let start = end
  while (start > 0 && end - start < longestName && isNamePart(lower.charCodeAt(start - 1)))
    start -= 1
  return start
}
