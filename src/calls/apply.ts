/** The one place where an event changes a call: row, event log and audit trail together. */
import { eq } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { callEvents, calls } from '#db/schema/index.ts'
import { linkToOrigin, noteCall } from '#telemetry/index.ts'
import { type AuditOrigin, type AuditTrail, requestOrigin } from '../audit/index.ts'
import type { CallProvider } from './provider.ts'
import type { CallRow } from './queries.ts'
import { needsInquiry } from './settling.ts'
import { type CallNews, type CallState, transition } from './state-machine.ts'

/** An event about a call, and where it came from. */
export interface HeardOf {
  readonly news: CallNews
  readonly source: 'provider' | 'callback' | 'reconciliation'
  /** When it happened, by the one who said so. */
  readonly at: Date
  readonly providerCallId?: string | undefined
  readonly webhookEventId?: string | undefined
  /** Whether the provider is to be asked about the call soon: the event had no word to go by. */
  readonly unclear?: boolean | undefined
}

/** Reconciliation begins with what was heard of longest ago. */
const askedNext = new Date(0)

/** A call that an event has changed. */
export interface CallChanged {
  readonly createdAt: Date
  /** When it was heard of. */
  readonly at: Date
  readonly before: CallState
  readonly after: CallState
}

/** What applying an event takes. */
export interface ApplyContext {
  readonly audit: AuditTrail
  readonly provider: Pick<CallProvider, 'settlesAfter'>
  /** Hears of a change. Its transaction may still be rolled back. @default nobody */
  readonly onChange?: (change: CallChanged) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Applies an event to a call that the transaction holds locked. Every callback is kept in the event
 * log, whether it changed anything or not; an answer of the provider's only if it told news, since
 * it is asked again and again.
 */
export async function applyNews(
  tx: Executor,
  row: CallRow,
  heard: HeardOf,
  { audit, provider, onChange, now }: ApplyContext,
): Promise<void> {
  const { providerCallId = null } = heard
  noteCall(row.id)
  // The job that heard it from the provider is linked already.
  if (heard.source !== 'provider') linkToOrigin(row.traceOrigin)
  const { settlesAfter } = provider
  // Only a search tells reconciliation a name that the call does not have yet.
  const isGuess = heard.source === 'reconciliation'
  const names =
    providerCallId !== null && (row.providerCallId === null || (row.guessed && !isGuess))
  const { state, changes } = transition(row, credible(heard.news, settlesAfter !== undefined))
  const inquire =
    settlesAfter !== undefined &&
    // Of a call that it never named, the provider has no record.
    (row.providerCallId ?? providerCallId) !== null &&
    needsInquiry({ row, state, news: heard.news })
  await tx
    .update(calls)
    .set({
      ...changes,
      ...(heard.news.recording === true && { record: true }),
      ...(names && { providerCallId, guessed: isGuess }),
      ...(inquire && { inquireAt: new Date(now() + settlesAfter) }),
      lastHeardAt: heard.unclear === true ? askedNext : new Date(now()),
    })
    .where(eq(calls.id, row.id))
  if (heard.source === 'callback' || Object.keys(changes).length > 0)
    await tx.insert(callEvents).values({
      callId: row.id,
      // An event without a known word speaks for the state that the call stays in.
      status: heard.news.status ?? state.status,
      source: heard.source,
      at: heard.at,
      webhookEventId: heard.webhookEventId,
    })
  if (changes.status !== undefined)
    await audit.recordWith(tx, {
      event: 'CALL_STATUS_CHANGED',
      origin: originOf(heard.source, row.clientId),
      resource: { type: 'call', id: row.id },
      details: { from: row.status, to: changes.status, source: heard.source },
    })
  if (Object.keys(changes).length > 0)
    onChange?.({ createdAt: row.createdAt, at: new Date(now()), before: row, after: state })
}

/**
 * That there is a recording is true once the provider's own record says where: a callback is not
 * believed about it, and only has the record read.
 */
const credible = (news: CallNews, hasRecord: boolean): CallNews =>
  hasRecord && news.authority === 'callback' ? { ...news, recording: undefined } : news

/** Callbacks are the provider's doing, all else our own. */
export function originOf(source: HeardOf['source'], clientId: string | undefined): AuditOrigin {
  return requestOrigin({ actorType: source === 'callback' ? 'provider' : 'system', clientId })
}
