/** How bad an advisory is, by its vector where it has one, else by its source's word. */
import cvss from 'ae-cvss-calculator'
import { type Advisory, type Severity, severities } from '../model.ts'

/** A vector and the score that comes of it. */
export type Cvss = NonNullable<Advisory['cvss']>

/**
 * The worst of several vectors of CVSS 2.0, 3.x and 4.0: sources rate with several and do not say which
 * of them holds. One of version 2 counts only alone: it knows no critical, and was given up for that.
 *
 * @returns undefined where none can be read, or none has a score above 0
 */
export function worstVector(vectors: readonly string[]): Cvss | undefined {
  const scored = vectors.map(scoreOf).filter((one) => one !== undefined)
  const modern = scored.filter(({ vector }) => vector.startsWith('CVSS:'))
  const [worst] = (modern.length > 0 ? modern : scored).sort((a, b) => b.score - a.score)
  return worst
}

function scoreOf(vector: string): Cvss | undefined {
  if (vector.length > 300) return undefined
  try {
    const parsed = cvss.fromVector(vector)
    const score = parsed?.isBaseFullyDefined() === true ? parsed.calculateScores().overall : 0
    return score > 0 ? { vector, score } : undefined
  } catch {
    return undefined
  }
}

/** By the scale of CVSS 3.1 (§5), with npm's word for the middle. @param score 0.1 to 10 */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return 'critical'
  if (score >= 7) return 'high'
  if (score >= 4) return 'moderate'
  return score > 0 ? 'low' : 'unknown'
}

/** Reads the word of a source, in any case: npm's, GitHub's, Ubuntu's. */
export function severityOfWord(word: unknown): Severity {
  const text = String(word).toLowerCase()
  if (text === 'medium') return 'moderate'
  if (text === 'info' || text === 'negligible') return 'low'
  return severities.find((severity) => severity === text) ?? 'unknown'
}

/** The worst of several, of which there is at least one. */
export function worstSeverity(all: readonly Severity[]): Severity {
  return severities.find((severity) => all.includes(severity)) ?? 'unknown'
}
