/** Calls that the provider knows and we do not: placed from its dashboard, or coming in. */
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { calls, clientNumbers } from '#db/schema/index.ts'
import { traceOrigin } from '#telemetry/index.ts'
import { originOf } from './apply.ts'
import type { CallContext } from './context.ts'
import type { CallDirection, CallParties } from './exotel/parties.ts'
import type { CallRow } from './queries.ts'

/** Milliseconds for which a call that was dispatched may still turn out to be the one. */
const patience = 2 * 3_600_000
/** The same of one that was erased: nobody asks about it, so only the answer itself can still tell. */
const patienceOfErased = 2 * 60_000
/** Replicas' clocks differ, but not by more milliseconds. */
const tolerance = 60_000

/**
 * Whether a call of ours may be the one that a message speaks of: the provider has been asked for
 * it, and its answer, which names it, is still to come. A call that was asked for after the message
 * had come is not. One that was erased meanwhile is: else the message would bring it back as another.
 */
export async function isBeingPlaced(
  tx: Executor,
  { provider, now }: CallContext,
  receivedAt: Date,
): Promise<boolean> {
  const came = receivedAt.getTime()
  if (now() - came > patience) return false
  const [from, to, recently] = [came - patience, came + tolerance, now() - patienceOfErased].map(
    (time) => new Date(time).toISOString(),
  )
  const [found] = await tx
    .select({ id: calls.id })
    .from(calls)
    .where(
      and(
        eq(calls.provider, provider.name),
        // Spelled out, so that the planner sees the partial index's own condition.
        sql`${calls.status} in ('queued', 'ringing', 'in-progress')`,
        isNull(calls.providerCallId),
        sql`${calls.dispatchedAt} between ${from}::timestamptz and ${to}::timestamptz`,
        or(isNull(calls.erasedAt), sql`${calls.dispatchedAt} > ${recently}::timestamptz`),
      ),
    )
    .limit(1)
  return found !== undefined
}

/** A call to take over. */
export interface Foundling {
  readonly providerCallId: string
  readonly parties: CallParties
}

/**
 * Creates the call for the client that its ExoPhone belongs to. It rings: what the message says of
 * its status is to be applied to it.
 *
 * @returns the row; `unknown_number` if the ExoPhone is nobody's, `taken` if another message of the
 *   same call has been here first
 */
export async function adopt(
  tx: Executor,
  context: CallContext,
  { providerCallId, parties }: Foundling,
): Promise<CallRow | 'unknown_number' | 'taken'> {
  const { provider, vault, audit, now } = context
  const owner = await ownerOf(tx, parties)
  if (owner === undefined) return 'unknown_number'
  const { clientId, direction } = owner
  const id = uuidv7()
  const createdAt = new Date(now())
  const { from, to } = parties
  const [row] = await tx
    .insert(calls)
    .values({
      id,
      clientId,
      status: 'ringing',
      direction,
      provider: provider.name,
      providerCallId,
      ...vault.callColumns(id, { from, to, customField: null, notes: null }),
      createdAt,
      // The provider has it: it is never to be placed, and can be asked about.
      dispatchedAt: createdAt,
      lastHeardAt: createdAt,
      traceOrigin: traceOrigin(),
    })
    .onConflictDoNothing()
    .returning()
  if (row === undefined) return 'taken'
  await audit.recordWith(tx, {
    event: 'CALL_RECEIVED',
    origin: originOf('callback', clientId),
    resource: { type: 'call', id },
    details: { direction },
  })
  return row
}

/** Whose ExoPhone it is, and which way the call goes then. */
async function ownerOf(
  tx: Executor,
  { exoPhones }: CallParties,
): Promise<{ clientId: string; direction: CallDirection } | undefined> {
  if (exoPhones.length === 0) return undefined
  const numbers = exoPhones.map(({ number }) => number)
  const rows = await tx.select().from(clientNumbers).where(inArray(clientNumbers.number, numbers))
  const owners = new Map(rows.map(({ number, clientId }) => [number, clientId]))
  for (const { number, direction } of exoPhones) {
    const clientId = owners.get(number)
    if (clientId !== undefined) return { clientId, direction }
  }
  return undefined
}
