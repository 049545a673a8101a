/** How much is read without the backslashes before quotes: an attack says what it wants at once. */
const unescaped = 2048

/** What a text processor made of quotes and dashes is looked at in texts up to that length. */
const shortest = 512

/** A plus where SQL wants a space: between a word or a quote and what goes on from it. */
const plus = /[\w'")/]\+[a-z(/]|[a-z'"/]\+\d|^\+|\+--|\+$/

/**
 * The text, and what becomes of it where plus is a space, quotes are escaped or words filtered, and
 * in MySQL, where a comment needs a space behind its two dashes.
 */
export function readingsOf(lower: string): readonly string[] {
  const readings = [lower]
  if (lower.includes('+') && plus.test(lower)) readings.push(lower.replaceAll('+', ' '))
  const at = lower.includes('\\') ? lower.search(/\\['"]/) : -1
  if (at >= 0) {
    const rest = lower.slice(at, at + unescaped).replace(/\\(?=['"])/g, '')
    readings.push(lower.slice(0, at) + rest)
  }
  if (lower.includes('--') && /--[\d(@]/.test(lower)) readings.push(lower.replaceAll('--', '- -'))
  if (lower.includes('/**/') && /\w\/\*\*\/\w/.test(lower))
    readings.push(lower.replaceAll('/**/', ''))
  if (lower.includes('union') && /u[nio]{0,3}union[nio]{1,4}/.test(lower))
    readings.push(lower.replace(/(?<=\w)(?:union|select)(?=\w)/g, ''))
  if (lower.length <= shortest) addTyped(lower, readings)
  return readings
}

/** Quotes of a text processor, and a dash that it made of two; primes, too. */
const typeset = /[\u00b4\u2018\u2019\u2032\u201c\u201d\u2033]|[\u2013\u2014]\s{0,4}$/

/** Without one of these, such a text is prose. */
const coding = /[=<>#|]|--|[\u2013\u2014]\s{0,4}$|\b(?:union|having|like|sleep)\b/

/** How a number goes on without a blank. */
const joined = /(\d)(or|and|xor)(?=\d{1,9}\s?[=<>])/g

/** What text processors, tables of comma-separated values and filters made of a text. */
function addTyped(lower: string, readings: string[]): void {
  if (typeset.test(lower) && coding.test(lower)) readings.push(asTyped(lower))
  if (lower.includes('""')) {
    if (lower.startsWith('"')) readings.push(lower.slice(1).replaceAll('""', '"'))
    else if (/""\s?\)*\s?(?:or|and|union)\b/.test(lower)) readings.push(lower.replaceAll('""', '"'))
  }
  if (/(['"])\1\1/.test(lower)) readings.push(lower.replace(/(['"])\1{2,}/g, '$1'))
  const spaced = lower.includes(' ') ? lower : lower.replaceAll('+', ' ')
  if (misplaced.test(spaced)) readings.push(spaced.slice(1))
  if (joined.test(lower)) readings.push(lower.replace(joined, '$1 $2 '))
}

/** A quote before the value that goes on, where it should be behind it. */
const misplaced = /^['"`]\s?\w{1,16}\s{1,4}(?:or|and|union)\s/

/** The text as it was before a text processor put its own signs. */
const asTyped = (text: string): string =>
  text
    .replace(/[\u00b4\u2018\u2019\u2032]/g, "'")
    .replace(/[\u201c\u201d\u2033]/g, '"')
    .replace(/[\u2013\u2014](?=\s{0,4}$)/, '--')
