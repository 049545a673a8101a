/** Who tries to get in, who asks too much, what attacks, and what holes are known? */
import type { Board } from '../board.ts'
import { attacksPanels } from './attacks.ts'
import { limitsPanels } from './limits.ts'
import { loginsPanels } from './logins.ts'
import { overviewPanels } from './overview.ts'
import { readinessPanels } from './readiness.ts'
import { trailPanels } from './trail.ts'
import { vulnerabilitiesPanels } from './vulnerabilities.ts'

/** Logins, limits, attacks, the audit trail, vulnerabilities, readiness. */
export const security: Board = {
  uid: 'caly-security',
  title: 'Caly: Security',
  description:
    'Logins, limits, attacks, the audit trail and vulnerabilities. An attack: see what kind and from where under Attacks, open the trace_id of a row, and see under Requests of an address what else it did.',
  byTrace: true,
  rows: {
    'At a glance': overviewPanels,
    Logins: loginsPanels,
    'Limits and refusals': limitsPanels,
    Attacks: attacksPanels,
    'The audit trail': trailPanels,
    Vulnerabilities: vulnerabilitiesPanels,
    Readiness: readinessPanels,
  },
}
