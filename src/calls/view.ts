import type { CallEventRow, CallRow } from './queries.ts'
import type { Call, CallEvent } from './schemas.ts'
import type { CallSecrets } from './vault.ts'

/** A call as the API shows it. */
export function callView(row: CallRow, secrets: CallSecrets): Call {
  return {
    id: row.id,
    status: row.status,
    direction: row.direction,
    from: secrets.from,
    to: secrets.to,
    providerCallId: row.providerCallId,
    record: row.record,
    customField: secrets.customField,
    notes: secrets.notes,
    tags: [...row.tags],
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    answeredAt: row.answeredAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    durationSeconds: row.durationSeconds,
    recordingAvailable: row.recordingAvailable,
    failureReason: row.failureReason,
  }
}

/** One event of a call as the API shows it. */
export const callEventView = ({ id, status, source, at }: CallEventRow): CallEvent => ({
  id,
  status,
  source,
  at: at.toISOString(),
})
