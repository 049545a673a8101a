/** What becomes of a stored message: which call it is about, and what it changes there. */
import { and, eq } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { webhookEvents } from '#db/schema/index.ts'
import { adopt, isBeingPlaced } from './adopt.ts'
import { applyNews, originOf } from './apply.ts'
import type { CallReference } from './callback-address.ts'
import type { CallContext } from './context.ts'
import { type Interpretation, interpret } from './exotel/interpret.ts'
import { readMessage } from './exotel/message.ts'
import { giveUpGuess } from './guesses.ts'
import { type CallRow, holderOf, lockCall } from './queries.ts'

type WebhookRow = typeof webhookEvents.$inferSelect

/** Why a message changes nothing. */
type Refusal =
  /** Its address names a call, with a signature that is not ours. */
  | 'bad_signature'
  /** It has no usable id of the provider's, or several. */
  | 'no_call_id'
  /** Address, custom field and provider's id do not name the same call. */
  | 'call_mismatch'
  /** Its blob cannot be opened any more, or not read. */
  | 'unreadable'

/** Why a message finds no call: nobody's number, or a call whose name is about to be known. */
type Miss = 'unknown_number' | 'being_placed'

/**
 * Applies a stored message, if nobody else has. Locks the call first, as erasure does. A message
 * about a call that may be one of ours, and cannot be told yet, stays as it is: the sweep tries again.
 *
 * @param heardAt when it came in, as of `performance.now()`, where that was in this process
 */
export async function applyMessage(
  context: CallContext,
  id: string,
  heardAt?: number,
): Promise<void> {
  const { database, now, onApplied } = context
  const receivedAt = await database.db.transaction((tx) => applyWithin(tx, context, id))
  if (receivedAt === undefined) return
  onApplied(heardAt === undefined ? now() - receivedAt.getTime() : performance.now() - heardAt)
}

/** @returns when the message had come in, if it was applied now */
async function applyWithin(
  tx: Executor,
  context: CallContext,
  id: string,
): Promise<Date | undefined> {
  const [row] = await tx
    .select()
    .from(webhookEvents)
    .where(and(eq(webhookEvents.id, id), eq(webhookEvents.state, 'received')))
  if (row === undefined) return undefined
  const understood = await understand(context, row)
  if (understood === undefined) {
    await refuse(tx, context, row, 'unreadable')
    return undefined
  }
  const call = await findCall(tx, context, understood, row.receivedAt)
  if (call === 'being_placed') {
    await finish(tx, context, row, { reason: call })
    return undefined
  }
  if (call === 'unknown_number') {
    await finish(tx, context, row, { state: 'unmatched', reason: call })
    return undefined
  }
  if (typeof call === 'string') {
    await refuse(tx, context, row, call)
    return undefined
  }
  const about = { callId: call.id, clientId: call.clientId }
  if (call.erasedAt !== null) {
    await finish(tx, context, row, { ...about, state: 'erased', reason: null, sealed: null })
    return undefined
  }
  if (!(await finish(tx, context, row, { ...about, state: 'applied', reason: null })))
    return undefined
  const { news, at, unclear, reference } = understood
  // A name that was only guessed is confirmed by the call's own address, and by nothing less.
  const isVouched = !call.guessed || reference.kind === 'signed'
  const providerCallId = isVouched ? understood.providerCallId : undefined
  await applyNews(
    tx,
    call,
    { news, at, source: 'callback', providerCallId, webhookEventId: row.id, unclear },
    context,
  )
  return row.receivedAt
}

type Understood = Interpretation & { readonly reference: CallReference }

async function understand(
  { vault, addresses }: CallContext,
  row: WebhookRow,
): Promise<Understood | undefined> {
  if (row.sealed === null) return undefined
  let raw: ReturnType<typeof vault.openMessage>
  try {
    raw = vault.openMessage(row.id, row.sealed)
  } catch {
    // Its key is gone: it will not be readable next time either.
    return undefined
  }
  const message = await readMessage(raw)
  return (
    message && {
      ...interpret(message, row.receivedAt.getTime()),
      reference: addresses.referenceIn(raw.query),
    }
  )
}

/**
 * The call that a message is about, locked: by our signed address, our id in it, or the provider's.
 * One that nobody here knows is taken over.
 */
async function findCall(
  tx: Executor,
  context: CallContext,
  understood: Understood,
  receivedAt: Date,
): Promise<CallRow | Refusal | Miss> {
  const { reference, callId, providerCallId, parties } = understood
  if (reference.kind === 'forged') return 'bad_signature'
  if (providerCallId === undefined) return 'no_call_id'
  const signed = reference.kind === 'signed' ? reference.callId : undefined
  if (signed !== undefined && callId !== undefined && callId !== signed) return 'call_mismatch'
  const named = await ownCall(tx, context, signed ?? callId)
  const holder = await idOfProviderCall(tx, context, providerCallId)
  if (named !== undefined && holder !== undefined && named.id !== holder) {
    // Its own address knows better than a search that has only guessed.
    const isFree = signed !== undefined && (await giveUpGuess(tx, context, holder))
    if (!isFree) return 'call_mismatch'
  }
  const row = named ?? (await ownCall(tx, context, holder))
  if (row !== undefined) {
    const isBound = row.erasedAt === null && !(row.guessed && signed !== undefined)
    const bound = isBound ? row.providerCallId : null
    return bound === null || bound === providerCallId ? row : 'call_mismatch'
  }
  if (parties.perhapsOurs && (await isBeingPlaced(tx, context, receivedAt))) return 'being_placed'
  const adopted = await adopt(tx, context, { providerCallId, parties })
  if (adopted !== 'taken') return adopted
  // Another message of the same call has made it since, and has committed: it is found now.
  const made = await ownCall(tx, context, await idOfProviderCall(tx, context, providerCallId))
  if (made === undefined) throw new Error('A call is neither there nor can be created')
  return made
}

/** A call of this provider by our own id, locked. A flow may send a custom field that only looks so. */
async function ownCall(
  tx: Executor,
  { provider }: CallContext,
  id: string | undefined,
): Promise<CallRow | undefined> {
  const row = id === undefined ? undefined : await lockCall(tx, id)
  return row?.provider === provider.name ? row : undefined
}

/** Whose the provider's name for a call is, an erased one's too. */
const idOfProviderCall = (
  tx: Executor,
  { provider, vault }: CallContext,
  name: string,
): Promise<string | undefined> =>
  holderOf(tx, provider.name, [name, ...vault.tombstonesEverywhere(name)])

async function refuse(
  tx: Executor,
  context: CallContext,
  row: WebhookRow,
  reason: Refusal,
): Promise<void> {
  const { audit, provider } = context
  const state = reason === 'unreadable' ? 'malformed' : 'ignored'
  if (!(await finish(tx, context, row, { state, reason }))) return
  await audit.recordWith(tx, {
    event: 'WEBHOOK_REJECTED',
    origin: originOf('callback', row.clientId ?? undefined),
    resource: { type: 'webhook', id: row.id },
    details: { provider: provider.name, reason },
  })
}

/** @returns false if another process has been here first: then nothing is to be changed */
async function finish(
  tx: Executor,
  { now }: CallContext,
  row: WebhookRow,
  outcome: Partial<typeof webhookEvents.$inferInsert>,
): Promise<boolean> {
  const done = await tx
    .update(webhookEvents)
    .set({ ...outcome, processedAt: new Date(now()) })
    .where(and(eq(webhookEvents.id, row.id), eq(webhookEvents.state, 'received')))
    .returning({ id: webhookEvents.id })
  return done.length > 0
}
