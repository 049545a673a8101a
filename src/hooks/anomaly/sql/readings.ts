/** How much is read without the backslashes before quotes: an attack says what it wants at once. */
const unescaped = 2048

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
  return readings
}
