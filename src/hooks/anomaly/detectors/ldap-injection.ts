import type { View } from '../view.ts'

/** What a value of a filter may be: names, addresses, wildcards. No prose, which has more spaces. */
const head = /^[^\s()"'<>]{0,64}(?: [^\s()"'<>]{1,64})?\s?$/

/** A filter within a filter: an attribute, how it is compared, or one of the operators. */
const filter =
  /[\s)]{0,16}(?:[&|!]\s{0,4})?\(\s{0,4}(?:[&|]\s{0,4}(?:[()&|!]|$)|!\s{0,4}(?:\(|$)|[&|!]\s{0,4}[a-z][\w.;-]{0,60}\s?[~<>:]?=|[(\s]{0,8}[&|!]?[(\s]{0,8}[a-z:][\w.;-]{0,60}(?::[\w.:]{0,40})?[~<>]?=)/y

/** Anything, and an operator right behind it. */
const wildcard = /^\*\((?:\)[|&]|\s?[&|!]\s?\()/

/** A whole filter, and one that holds neither for nobody nor for everybody by what is stored. */
const composed = /^\s{0,4}\(\s{0,4}[&|!]\s{0,4}\(/
const constant = /\(\s?([01])\s?=\s?[01]\s?\)/

/**
 * Tells LDAP filters that break out of the value that they were sent as (CWE-90): a parenthesis
 * that the text did not open ends the comparison, and another filter begins (RFC 4515 §3). Whole
 * filters are honest, but not two of them side by side, nor with a condition that is always false.
 */
export function ldapInjection({ lower }: View): number {
  if (!lower.includes(')')) return 0
  if (composed.test(lower)) return scoreOfComposed(lower)
  const end = lower.indexOf(')')
  const value = lower.slice(0, Math.min(end, 132))
  if (!head.test(value)) return wildcard.test(lower) ? 0.8 : 0
  if (/\S\s\S/.test(value) && lower[end + 1] === ' ') return 0
  filter.lastIndex = end + 1
  if (filter.test(lower)) return 0.9
  return /^\)+\0/.test(lower.slice(end, end + 8)) ? 0.6 : 0
}

function scoreOfComposed(lower: string): number {
  const end = closedAt(lower)
  if (end < 0) return 0
  filter.lastIndex = end + 1
  if (filter.test(lower)) return 0.8
  return constant.test(lower) ? 0.7 : 0
}

/** Where the first parenthesis is closed; -1 where it is not. */
function closedAt(text: string): number {
  let depth = 0
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '(') depth += 1
    if (text[i] === ')' && --depth === 0) return i
  }
  return -1
}
