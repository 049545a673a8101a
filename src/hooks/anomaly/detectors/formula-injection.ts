import type { Detector } from '../view.ts'

/** Where a value begins with what makes it a formula. */
const beginning = /^[\s"';,]{0,8}[=+@-]/

/** No cell is longer. */
const longest = 2048

/** Where a later cell begins with it. */
const cell = /[\n\t;,][\s"']{0,8}[=+@-]/

/** Dynamic data exchange: a program, a topic, an item, as in `=cmd|'/C calc'!A0`. */
const exchange =
  /(?<=\w)\|\s{0,4}(?:'[^'\n]{1,256}'|"[^"\n]{1,256}"|\/[^|!'"\n]{1,128})!\s{0,2}['"]?(?:\$?[a-z_]?\w|'')/i

/** Functions that start programs or load libraries. */
const starting =
  /[=+@*/(&-]\s{0,4}(?:DDE|DDEAUTO|EXEC|CALL|REGISTER(?:\.ID)?|SHELL)\s{0,4}\(\s{0,4}["'\w]/

/** Functions that send what is in the sheet to whoever they ask. */
const asking =
  /[=+@*/(&-]\s{0,4}(?:WEBSERVICE|IMPORT(?:XML|DATA|FEED|HTML|RANGE)|FILTERXML|IMAGE|HYPERLINK|RTD)\s{0,4}\(\s{0,4}(?:CONCAT(?:ENATE)?\s{0,4}\(\s{0,4})?["']{1,2}(?:https?|ftp|file|\\\\|\/\/)/i

/**
 * Finds values that a spreadsheet would run once they are exported into one (CWE-1236): they start a
 * program or ask a foreign host. Sums are honest.
 */
export const formulaInjection: Detector = ({ text }) => {
  const first = beginning.test(text)
  if (text.includes('|') && text.includes('!') && (first || cell.test(text)) && exchange.test(text))
    return 0.95
  if (!first || !text.includes('(')) return 0
  const shown = text.length > longest ? text.slice(0, longest) : text
  // Only a formula is that in any case: `-call(x)` and `@register('x')` are code.
  if (starting.test(/^[\s"']{0,8}=/.test(shown) ? shown.toUpperCase() : shown)) return 0.9
  return asking.test(shown) ? 0.8 : 0
}
