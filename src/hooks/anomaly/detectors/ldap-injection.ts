import type { View } from '../view.ts'

/** What a value of a filter may be: names, addresses, wildcards. No prose, which has more spaces. */
const head = /^[^\s()"'<>]{0,64}(?: [^\s()"'<>]{1,64})?\s?$/

/** The name of a person in full. */
const name = /^[^\s()"'<>,;]{1,32}(?: [^\s()"'<>,;]{1,32}){2,3}$/

/** An attribute, by its name or its number in the tree of all (RFC 4512 §1.4), and a rule. */
const attribute =
  '(?:\\*|[a-z][\\w.;-]{0,60}|\\d{1,4}(?:\\.\\d{1,8}){1,16}|[01])(?::[\\w.:]{0,40})?'

/** A filter within a filter: an attribute, how it is compared, or one of the operators. */
const filter = new RegExp(
  `[\\s)]{0,16}(?:[&|!]\\s{0,4})?\\(\\s{0,4}(?:[&|]\\s{0,4}(?:[()&|!]|$)|!\\s{0,4}(?:\\(|$)|[&|!]\\s{0,4}[a-z][\\w.;-]{0,60}\\s?[~<>:]?=|[(\\s]{0,8}[&|!]?[(\\s]{0,8}(?:${attribute}|:[\\w.:]{1,40})[~<>]?=)`,
  'y',
)

/** The same where not a single space is between, as in no sentence. */
const tight = new RegExp(`\\){1,4}\\((?:[&|!]\\()?${attribute}[~<>]?=`, 'y')

/** A value, and an operator or another filter right behind it; or the end of one, and no more. */
const wildcard = new RegExp(
  `^[^\\s()]{1,64}\\([&|]\\(${attribute}[~<>]?=(?!=)|^\\*(?:\\((?:\\)[|&]|\\s?[&|!]\\s?\\()|[&|]\\(${attribute}=|\\)\\($)`,
)

/** A whole filter, and one that holds neither for nobody nor for everybody by what is stored. */
const composed = /^\s{0,4}\(\s{0,4}[&|!]\s{0,4}\(/
const constant = /\(\s?[01]\s?[~<>]?=\s?[01]\s?\)/

/** Whether a password begins with something: passwords are only guessed like that. */
const guessed =
  /\((?:user-?password|password|passwd|unicodepwd|userpkcs12|(?:lm|nt|sambant|sambalm)password)[~<>]?=[^()*]{0,64}\*/

/** A comparison by the number of a rule (RFC 4515 §4), which no other language has. */
const extensible = /^[\s(*)]{0,8}[a-z][\w-]{0,40}:(?:dn:)?\d(?:\.\d{1,8}){3,16}:=/

/** Parentheses and signs that only a parser's error is hoped for from. */
const noise = /^[^\p{L}\p{N}]{4,64}$/u

/**
 * Tells LDAP filters that break out of the value that they were sent as (CWE-90): a parenthesis
 * that the text did not open ends the comparison, and another filter begins (RFC 4515 §3). Whole
 * filters are honest, but not two of them side by side, nor with a condition that is always false,
 * nor one that a password is guessed with.
 */
export function ldapInjection({ lower }: View): number {
  if (lower.includes(':=') && extensible.test(lower)) return 0.7
  const end = lower.indexOf(')')
  if (end < 0) return 0
  if (composed.test(lower)) return scoreOfComposed(lower)
  const value = lower.slice(0, Math.min(end, 132))
  if (!head.test(value)) return scoreOfOther(lower, value, end)
  if (/\S\s\S/.test(value) && lower[end + 1] === ' ') return 0
  filter.lastIndex = end + 1
  if (filter.test(lower) || wildcard.test(lower)) return 0.9
  return /^\)+\0/.test(lower.slice(end, end + 8)) ? 0.6 : 0
}

function scoreOfOther(lower: string, value: string, end: number): number {
  if (wildcard.test(lower)) return 0.8
  tight.lastIndex = end
  if (name.test(value) && tight.test(lower)) return 0.7
  return noise.test(lower) && isNoise(lower) ? 0.5 : 0
}

const isNoise = (text: string): boolean =>
  text.includes(')(') && text.includes('*') && text.split('(').length !== text.split(')').length

function scoreOfComposed(lower: string): number {
  const end = closedAt(lower)
  if (end < 0) return 0
  filter.lastIndex = end + 1
  if (filter.test(lower)) return 0.8
  return constant.test(lower) || guessed.test(lower) ? 0.7 : 0
}

/** Where the first parenthesis is closed; -1 where one is closed first, or it is not. */
function closedAt(text: string): number {
  let depth = 0
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '(') depth += 1
    if (text[i] === ')' && --depth === 0) return i
  }
  return -1
}
