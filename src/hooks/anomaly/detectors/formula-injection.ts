import type { Detector } from '../view.ts'

/** Where a cell begins with what makes it a formula. */
const formula = /(?:^|[\n\t;,])[\s"']{0,8}[=+@-]/

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
  if (!formula.test(text)) return 0
  if (text.includes('|') && text.includes('!') && exchange.test(text)) return 0.95
  if (!/^[\s"';,]{0,8}[=+@-]/.test(text)) return 0
  // Only a formula is that in any case: `-call(x)` and `@register('x')` are code.
  return starting.test(/^[\s"']{0,8}=/.test(text) ? text.toUpperCase() : text)
    ? 0.9
    : asking.test(text)
      ? 0.8
      : 0
}
