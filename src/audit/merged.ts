import type { AuditEntry } from './entry.ts'

/** Findings that a row names; a minute of a scanner can have many different ones. */
const mostFindings = 20

/**
 * What one row says for two entries of a source: the later one, and of attacks all that was found,
 * so that no harmless one that comes last hides the others.
 */
export function merged(earlier: AuditEntry, later: AuditEntry): AuditEntry {
  if (earlier.event !== 'SECURITY_VIOLATION' || later.event !== 'SECURITY_VIOLATION') return later
  const findings = new Set([...earlier.details.findings, ...later.details.findings])
  return {
    ...later,
    details: {
      findings: [...findings].slice(0, mostFindings),
      blocked: earlier.details.blocked || later.details.blocked,
    },
  }
}
