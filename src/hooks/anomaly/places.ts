/** Places of one word that are looked at: a text with more of them, none of which tells, ends there. */
const mostPlaces = 48

/**
 * The first match of a pattern that begins where a word stands. To look for a word costs a tenth of
 * a nanosecond a character, for a pattern with branches twenty times that: so the pattern is tried
 * only there, and at so many places at most.
 *
 * @param pattern sticky
 */
export function firstAt(
  lower: string,
  word: string,
  pattern: RegExp,
  most = mostPlaces,
): RegExpExecArray | undefined {
  let at = lower.indexOf(word)
  for (let looks = 0; at >= 0 && looks < most; looks += 1) {
    pattern.lastIndex = at
    const found = pattern.exec(lower)
    if (found !== null) return found
    at = lower.indexOf(word, at + word.length)
  }
  return undefined
}

/** Whether a sticky pattern matches at one of the first places where a word stands. */
export function isAt(lower: string, word: string, pattern: RegExp, most = mostPlaces): boolean {
  let at = lower.indexOf(word)
  for (let looks = 0; at >= 0 && looks < most; looks += 1) {
    pattern.lastIndex = at
    if (pattern.test(lower)) return true
    at = lower.indexOf(word, at + word.length)
  }
  return false
}

/** A word, and what is behind it where it tells. */
export type Sign = readonly [word: string, pattern: RegExp]

/** Whether any of the words stands where its pattern, which is sticky, matches. */
export function hasAny(lower: string, signs: readonly Sign[]): boolean {
  for (const [word, pattern] of signs) {
    // A look for one character, of those that are rare, is quicker by ten times than for a word.
    const first = word.charCodeAt(0)
    const isRare = first < 97 || first > 122
    if ((!isRare || lower.includes(word.charAt(0))) && isAt(lower, word, pattern)) return true
  }
  return false
}
