import { v7 as uuidv7 } from 'uuid'
import { callEvents, calls } from '#db/schema/index.ts'
import { noteCall, traceOrigin } from '#telemetry/index.ts'
import { requestOrigin } from '../audit/index.ts'
import { type CallContext, queues } from './context.ts'
import { claimKey } from './idempotency.ts'
import type { CallRow } from './queries.ts'
import type { Call, NewCall } from './schemas.ts'
import type { CallSecrets } from './vault.ts'
import { callView } from './view.ts'

/** A call as accepted. */
export interface AcceptedCall {
  readonly call: Call
  /** Whether an earlier request with the same key placed it. */
  readonly replayed: boolean
}

/**
 * Accepts a call: row, first event, job, audit row and idempotency key commit together. Whatever
 * happens after that, the call is placed once.
 */
export async function createCall(
  context: CallContext,
  clientId: string,
  request: NewCall,
  key: string | undefined,
): Promise<AcceptedCall> {
  const { database, jobs, audit, vault, now } = context
  const id = uuidv7()
  const createdAt = new Date(now())
  const { from, to, record = false, customField = null } = request
  const secrets: CallSecrets = { from, to, customField, notes: null }
  const row = newRow(context, { id, clientId, createdAt, record }, secrets)
  const call = callView(row, secrets)
  const accepted = await database.db.transaction(async (tx): Promise<AcceptedCall> => {
    const earlier =
      key === undefined
        ? undefined
        : await claimKey(
            tx,
            vault,
            {
              clientId,
              key,
              request: requestText({ from, to, record, customField }),
              callId: id,
              statusCode: 202,
              answer: call,
            },
            now(),
          )
    if (earlier !== undefined) return { call: earlier.answer as Call, replayed: true }
    await tx.insert(calls).values(row)
    await tx
      .insert(callEvents)
      .values({ callId: id, status: 'queued', source: 'api', at: createdAt })
    await audit.recordWith(tx, {
      event: 'CALL_QUEUED',
      origin: requestOrigin(),
      resource: { type: 'call', id },
      statusCode: 202,
      details: { record },
    })
    await jobs.send(tx, queues.place, { callId: id }, { key: id })
    return { call, replayed: false }
  })
  noteCall(accepted.call.id)
  if (!accepted.replayed) jobs.wake(queues.place)
  return accepted
}

/** What must be the same under the same Idempotency-Key: the request, or the call it made. */
export const requestText = ({
  from,
  to,
  record,
  customField,
}: Pick<Call, 'from' | 'to' | 'record' | 'customField'>): string =>
  `POST /api/calls ${JSON.stringify([from, to, record, customField])}`

function newRow(
  { vault, provider }: CallContext,
  { id, clientId, createdAt, record }: Pick<CallRow, 'id' | 'clientId' | 'createdAt' | 'record'>,
  secrets: CallSecrets,
): CallRow {
  return {
    id,
    clientId,
    status: 'queued',
    direction: 'outbound',
    provider: provider.name,
    providerCallId: null,
    ...vault.callColumns(id, secrets),
    record,
    tags: [],
    createdAt,
    dispatchedAt: null,
    startedAt: null,
    answeredAt: null,
    endedAt: null,
    durationSeconds: null,
    recordingAvailable: false,
    failureReason: null,
    lastHeardAt: createdAt,
    guessed: false,
    inquireAt: null,
    erasedAt: null,
    traceOrigin: traceOrigin(),
  }
}
