import type { Severity } from '../model.ts'

/** So many of each severity. */
export type SeverityCounts = Readonly<Record<Severity, number>>

/** A number for every severity, whichever of them are known. */
export const countsOf = (known: Readonly<Partial<Record<string, number>>>): SeverityCounts => ({
  critical: known['critical'] ?? 0,
  high: known['high'] ?? 0,
  moderate: known['moderate'] ?? 0,
  low: known['low'] ?? 0,
  unknown: known['unknown'] ?? 0,
})
