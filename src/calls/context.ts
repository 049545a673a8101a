import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { AuditTrail } from '../audit/index.ts'
import type { CallChanged } from './apply.ts'
import type { CallbackAddresses } from './callback-address.ts'
import type { CallProvider, Placement } from './provider.ts'
import type { callQueries } from './queries.ts'
import type { Vault } from './vault.ts'

/** What the parts of this feature share. */
export interface CallContext {
  readonly database: Database
  readonly jobs: Jobs
  readonly audit: AuditTrail
  readonly provider: CallProvider
  readonly addresses: CallbackAddresses
  readonly vault: Vault
  readonly queries: ReturnType<typeof callQueries>
  /** Calls that may be live at a time. Undefined: as many as come. */
  readonly maxCalls?: number | undefined
  /** Hears what became of each request to place a call. */
  readonly onPlacement: (outcome: Placement['outcome']) => void
  /** Hears of each call that was changed. Its transaction may still be rolled back. */
  readonly onChange: (change: CallChanged) => void
  /** Hears of each callback that was applied, and how many milliseconds after it had come in. */
  readonly onApplied: (lag: number) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Hears of what went wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void
}

/** The queues of this feature. */
export const queues = {
  /** One job a call: `{ callId }`. */
  place: 'calls.place',
  /** Calls without news are asked about. */
  reconcile: 'calls.reconcile',
  /** Webhooks that were stored and not applied, and rows that have had their day. */
  sweep: 'calls.sweep',
  /** Changes of calls are added to the sums that statistics read. */
  stats: 'calls.stats',
} as const
