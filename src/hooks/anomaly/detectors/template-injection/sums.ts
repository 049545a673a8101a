/** Numbers, in quotes or not, brackets and operators, and nothing else. */
const arithmetic = /^[\s\d'"*+/%().=[\]-]{3,64}$/

/** Two numbers and an operator: `7*7`, `7*'7'`, `1/2`, `9-2`. A date has two dashes or strokes. */
const operation =
  /\d['"]?\s{0,4}[*+%]{1,2}\s{0,4}['"]?\d|\d\s{0,4}\/\/\s{0,4}\d|^[={[(\s]{0,8}\d{1,12}\s{0,4}[/-]\s{0,4}[1-9]\d{0,11}[\])}\s]{0,8}$/

/** What a filter makes of the result: `|safe`, `|json_encode()`. */
const filters = /(?:\s{0,4}\|\s{0,4}[a-z_]{1,20}(?:\(\s{0,4}\))?){1,4}\s{0,4}-?$/

const numeric = (content: string): boolean => arithmetic.test(content) && operation.test(content)

/** Whether an expression holds nothing but numbers and operators: no page needs to compute that. */
export function computes(content: string): boolean {
  if (content.length > 96 || !/\d/.test(content)) return false
  if (numeric(content)) return true
  return content.includes('|') && numeric(content.replace(filters, ''))
}

/** What stands in front of a sum in a statement: `{% if 7*7 == 49 %}`, `#set($x = 7*7)`. */
const statement =
  /^\s{0,4}-?\s{0,4}(?:(?:if|elif|unless|echo|return|(?:out\.|response\.)?(?:print|write)(?:ln)?)\b\s{0,4}|(?:set|let|var|assign)?\s{0,4}[$#]?[a-z_]\w{0,20}\s{0,4}=(?!=)\s{0,4}|:)/

const statements = new Set(['{%', '<%', '<#', '[#', '[%', '#(', '%{', '{{'])

/** Whether a statement computes with numbers only: in a condition, or to be assigned or written. */
export function computesInStatement(opening: string, content: string): boolean {
  if (content.length > 96 || !statements.has(opening)) return false
  if (/^\s{0,4}if\s{1,4}(?:true|\d{1,4})\s{0,4}$/.test(content)) return true
  if (!/\d/.test(content)) return false
  const sum = content.replace(statement, '')
  return sum !== content && numeric(sum)
}

/** A text that stands there in full, and a method of it that has no argument but such ones. */
const method =
  /^[=\s]{0,4}(['"])[^'"]{0,80}\1\s{0,4}\.\s{0,4}\w{1,40}\s{0,4}\(\s{0,4}(?:['"\d][^()]{0,80})?\)/

/** Two texts that stand there in full, and are added. */
const addition = /^[=\s]{0,4}(['"])[^'"]{0,40}\1\s{0,4}[~+]\s{0,4}(['"])[^'"]{0,40}\2\s{0,4}$/

/** Go prints a text that stands there in full. */
const printing =
  /^\s{0,4}(?:print|println|printf|html|js|urlquery)\s{1,4}(?:["`][^"`]{0,80}["`]|\d\w{0,40})\s{0,4}$/

/** Whether an expression works on texts that stand there: a page would just have the result. */
export const worksOnText = (opening: string, content: string): boolean =>
  (opening === '{{' &&
    (method.test(content) || addition.test(content) || printing.test(content))) ||
  (opening === '${' && method.test(content))
