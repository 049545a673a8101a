import type { CallEventRow, CallRow } from './queries.ts'
import type { Call, CallEvent } from './schemas.ts'
import type { CallSecrets } from './vault.ts'

/** A call as the API shows it. */
export function callView(row: CallRow, secrets: CallSecrets): Call {
  const { startedAt } = row
  const answeredAt = inOrder(startedAt, row.answeredAt)
  const endedAt = inOrder(answeredAt ?? startedAt, row.endedAt)
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
    startedAt: startedAt?.toISOString() ?? null,
    answeredAt: answeredAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    durationSeconds: row.durationSeconds,
    recordingAvailable: row.recordingAvailable,
    failureReason: row.failureReason,
  }
}

/**
 * Callbacks tell whole seconds, and so may seem to come before what is known to the millisecond and
 * happened within that second. What lies further back was said, and is shown as it was.
 */
function inOrder(before: Date | null, time: Date | null): Date | null {
  if (before === null || time === null) return time
  const back = before.getTime() - time.getTime()
  return back > 0 && back < 1000 ? before : time
}

/** One event of a call as the API shows it. */
export const callEventView = ({ id, status, source, at }: CallEventRow): CallEvent => ({
  id,
  status,
  source,
  at: at.toISOString(),
})
