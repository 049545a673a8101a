/** How much is read without the backslashes before quotes: an attack says what it wants at once. */
const unescaped = 2048

/** The text, and what becomes of it where plus is a space, quotes are escaped or words filtered. */
export function readingsOf(lower: string): readonly string[] {
  const readings = [lower]
  if (lower.includes('+') && !lower.includes(' ')) readings.push(lower.replaceAll('+', ' '))
  const escape = lower.includes('\\') ? lower.search(/\\['"]/) : -1
  if (escape >= 0) {
    const rest = lower.slice(escape, escape + unescaped).replace(/\\(?=['"])/g, '')
    readings.push(lower.slice(0, escape) + rest)
  }
  if (lower.includes('/**/') && /\w\/\*\*\/\w/.test(lower))
    readings.push(lower.replaceAll('/**/', ''))
  if (lower.includes('union') && /u[nio]{0,3}union[nio]{1,4}/.test(lower))
    readings.push(lower.replace(/(?<=\w)(?:union|select)(?=\w)/g, ''))
  return readings
}
