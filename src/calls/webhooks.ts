/**
 * Callbacks: stored as they came before anything is made of them, answered, and applied afterwards.
 * A process that dies in between leaves a row that the next sweep applies.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { and, asc, eq, gt, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { calls, webhookEvents } from '#db/schema/index.ts'
import { originOf } from './apply.ts'
import { applyMessage } from './apply-message.ts'
import type { CallContext } from './context.ts'
import { type Message, type RawMessage, readMessage } from './exotel/message.ts'

/** Callbacks of the provider. */
export interface Webhooks {
  /**
   * Stores a message, once however often it is delivered, and applies it soon after.
   *
   * @param soon false leaves it to the sweep: more came than is worked off at once @default true
   */
  receive(raw: RawMessage, soon?: boolean): Promise<void>
  /** Applies what was stored and left, by whichever process. */
  sweep(signal: AbortSignal): Promise<void>
  /** Resolves once everything that this process has stored is applied. */
  settled(): Promise<void>
}

/** Messages applied at a time, and left to the sweep when more than so many wait. */
const concurrency = 4
const capacity = 1000

/** Milliseconds for which a message may be about to be applied by the process that stored it. */
const grace = 10_000
const sweepBatch = 200

export function webhooks(context: CallContext): Webhooks {
  const { database, onError, now } = context
  const waiting: (() => Promise<void>)[] = []
  const running = new Set<Promise<void>>()

  function applySoon(id: string): void {
    if (waiting.length >= capacity) return
    // Whoever takes it from there, it goes on in the context of the request that brought it.
    const inContext = AsyncLocalStorage.snapshot()
    const heardAt = performance.now()
    waiting.push(() => inContext(applyMessage, context, id, heardAt))
    if (running.size >= concurrency) return
    const worker = work().finally(() => running.delete(worker))
    running.add(worker)
  }

  const leftBetween = (from: Date, until: Date) =>
    database.db
      .select({ id: webhookEvents.id, receivedAt: webhookEvents.receivedAt })
      .from(webhookEvents)
      .where(
        and(
          eq(webhookEvents.state, 'received'),
          gt(webhookEvents.receivedAt, from),
          lt(webhookEvents.receivedAt, until),
          isDue(now()),
        ),
      )
      .orderBy(asc(webhookEvents.receivedAt))
      .limit(sweepBatch)

  async function work(): Promise<void> {
    for (let apply = waiting.shift(); apply !== undefined; apply = waiting.shift())
      await apply().catch(onError)
  }

  return {
    async receive(raw, soon = true) {
      const id = await store(context, raw)
      if (id !== undefined && soon) applySoon(id)
    },

    async sweep(signal) {
      const until = new Date(now() - grace)
      let from = new Date(0)
      for (let count = sweepBatch; count === sweepBatch && !signal.aborted; ) {
        const left = await leftBetween(from, until)
        for (const { id } of left) {
          if (signal.aborted) return
          await applyMessage(context, id).catch(onError)
        }
        count = left.length
        // What could not be applied waits for the next sweep.
        from = left.at(-1)?.receivedAt ?? until
      }
    },

    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/**
 * A message that was tried, and for a reason has to wait, is tried again at twice its age and then
 * every ten minutes: so many may wait for an hour that none of them is looked at in each sweep.
 */
const isDue = (now: number) =>
  or(
    isNull(webhookEvents.reason),
    sql`${webhookEvents.processedAt}
      + least(${webhookEvents.processedAt} - ${webhookEvents.receivedAt}, interval '10 minutes')
      <= ${new Date(now).toISOString()}::timestamptz`,
  )

/** @returns the id of the row that is to be applied, if there is anything to apply */
async function store(context: CallContext, raw: RawMessage): Promise<string | undefined> {
  const { database, audit, vault, provider, addresses, now } = context
  const message = await readMessage(raw)
  const reference = addresses.referenceIn(raw.query)
  const callId = reference.kind === 'signed' ? reference.callId : null
  const id = uuidv7()
  // A late callback must not bring back what was erased.
  const erased = sql`exists (select from ${calls} where ${calls.id} = ${callId} and ${calls.erasedAt} is not null)`
  const fresh = message === undefined ? 'malformed' : 'received'
  const text = identity(raw, message, callId ?? reference.kind)
  const stored = await database.db.transaction(async (tx) => {
    const known = await countAgain(tx, context, text)
    if (known !== undefined) return known
    const [row] = await tx
      .insert(webhookEvents)
      .values({
        id,
        provider: provider.name,
        callId,
        fingerprint: vault.fingerprint(text),
        sealed: sql`case when ${erased} then null else ${vault.sealMessage(id, raw)}::bytea end`,
        state: sql`case when ${erased} then 'erased' else ${fresh} end`,
        reason: message === undefined ? 'malformed' : null,
        receivedAt: new Date(now()),
      })
      .onConflictDoUpdate({
        target: [webhookEvents.provider, webhookEvents.fingerprint],
        set: { deliveries: sql`${webhookEvents.deliveries} + 1` },
      })
      .returning({ id: webhookEvents.id, state: webhookEvents.state })
    if (row?.id === id) {
      const about = { origin: originOf('callback', undefined), resource: { type: 'webhook', id } }
      const details = { provider: provider.name }
      const received = { event: 'WEBHOOK_RECEIVED', ...about, details } as const
      const rejected = {
        event: 'WEBHOOK_REJECTED',
        ...about,
        details: { ...details, reason: 'malformed' },
      } as const
      await audit.recordWith(tx, message === undefined ? [received, rejected] : [received])
    }
    return row
  })
  return stored?.state === 'received' ? stored.id : undefined
}

/** A delivery of what is stored already under another key of the ring: rotations take their time. */
async function countAgain(tx: Executor, { vault, provider }: CallContext, text: string) {
  const [, ...others] = vault.fingerprintEverywhere(text)
  if (others.length === 0) return undefined
  const [row] = await tx
    .update(webhookEvents)
    .set({ deliveries: sql`${webhookEvents.deliveries} + 1` })
    .where(
      and(
        eq(webhookEvents.provider, provider.name),
        inArray(webhookEvents.fingerprint, [...others]),
      ),
    )
    .returning({ id: webhookEvents.id, state: webhookEvents.state })
  return row
}

/**
 * What makes two deliveries the same event: address and fields, whatever their spelling and order
 * (a retry may have another multipart boundary). What cannot be read is compared by its bytes.
 */
function identity(raw: RawMessage, message: Message | undefined, address: string): string {
  if (message === undefined)
    return JSON.stringify([address, raw.query, Buffer.from(raw.body).toString('base64')])
  const sorted = (fields: ReadonlyMap<string, string>) =>
    [...fields].sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([address, sorted(message.fields), message.legs.map(sorted)])
}
