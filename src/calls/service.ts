import { eq } from 'drizzle-orm'
import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { Keyring } from '#db/keyring.ts'
import { calls } from '#db/schema/index.ts'
import { type AuditOrigin, type AuditTrail, recordRead, requestOrigin } from '../audit/index.ts'
import { NotFoundError } from '../errors.ts'
import { addressKey } from '../hooks/rate-limit/index.ts'
import type { CallChanged } from './apply.ts'
import { callbackAddresses } from './callback-address.ts'
import type { CallContext } from './context.ts'
import { type AcceptedCall, createCall } from './create.ts'
import { providerCall } from './dispatch.ts'
import { eraseCall } from './erase.ts'
import type { RawMessage } from './exotel/message.ts'
import { listCalls } from './list.ts'
import type { CallProvider, Placement, ProviderCall, Recording } from './provider.ts'
import { callQueries, lockCall } from './queries.ts'
import { recordingOpener } from './recording.ts'
import type {
  Call,
  CallChange,
  CallFilters,
  CallPage,
  CallStats,
  CallWithEvents,
  NewCall,
} from './schemas.ts'
import { callStatistics, type Period } from './stats.ts'
import { vault } from './vault.ts'
import { callEventView, callView } from './view.ts'
import { callerJudge, type WebhookCaller } from './webhook-callers.ts'
import { webhooks } from './webhooks.ts'

/** What the calls need of the house. */
export interface CallServiceOptions {
  readonly database: Database
  readonly keyring: Keyring
  readonly jobs: Jobs
  readonly audit: AuditTrail
  readonly provider: CallProvider
  /** The address under which the provider reaches this service. */
  readonly publicUrl: URL
  /** `EXOTEL_WEBHOOK_SECRET`: the first is handed out, all are taken. @default derived from the keyring */
  readonly webhookSecrets?: readonly string[] | undefined
  /** `EXOTEL_ALLOWED_ADDRESSES`: whom callbacks are taken from. @default anybody with a secret */
  readonly callbackAddresses?: readonly string[] | undefined
  /** Calls that may be live at a time. @default as many as come */
  readonly maxCalls?: number | undefined
  /** Hears what became of each request to place a call. */
  readonly onPlacement?: (outcome: Placement['outcome']) => void
  /** Hears of each call that was changed. Its transaction may still be rolled back. */
  readonly onChange?: (change: CallChanged) => void
  /** Hears of each callback that was applied, and how many milliseconds after it had come in. */
  readonly onApplied?: (lag: number) => void
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
  /** Hears of what went wrong where nobody waits for it. */
  readonly onError?: (error: unknown) => void
}

/** Calls, for one process. */
export type CallService = ReturnType<typeof callService>

export function callService(options: CallServiceOptions) {
  const { database, keyring, publicUrl, provider, now = Date.now } = options
  const context: CallContext = {
    database,
    jobs: options.jobs,
    audit: options.audit,
    provider,
    addresses: callbackAddresses({ keyring, publicUrl, secrets: options.webhookSecrets }),
    vault: vault(keyring),
    queries: callQueries(database.db),
    maxCalls: options.maxCalls,
    onPlacement: options.onPlacement ?? (() => {}),
    onChange: options.onChange ?? (() => {}),
    onApplied: options.onApplied ?? (() => {}),
    now,
    onError: options.onError ?? (() => {}),
  }
  const incoming = webhooks(context)
  const openRecording = recordingOpener(context)
  const webhookCaller = callerJudge(context.addresses, options.callbackAddresses ?? [])
  const open = (row: { readonly id: string; readonly sealed: Uint8Array }) =>
    context.vault.openCall(row.id, row.sealed)

  async function find(clientId: string, id: string) {
    // Whatever is no UUID would fail in the database instead of not being there.
    const row = uuid.test(id) ? await context.queries.find(clientId, id) : undefined
    if (row === undefined) throw new NotFoundError('There is no such call')
    return row
  }

  async function recorded(clientId: string, id: string): Promise<ProviderCall> {
    const row = await find(clientId, id)
    const call = row.recordingAvailable ? providerCall(context, row) : undefined
    if (call === undefined) throw new NotFoundError('There is no recording of this call')
    return call
  }

  return {
    /** For the jobs of this feature; nobody else's business. */
    context,
    incoming,

    /** Accepts a call. With a key, however often it is asked, one call is placed. */
    create: (clientId: string, request: NewCall, key?: string): Promise<AcceptedCall> =>
      createCall(context, clientId, request, key),

    /** @throws {NotFoundError} if the client has no such call */
    async get(clientId: string, id: string): Promise<CallWithEvents> {
      const row = await find(clientId, id)
      const events = await context.queries.events(id)
      await recordRead(context.audit, { of: 'calls', count: 1, callId: id })
      return { ...callView(row, open(row)), events: events.map(callEventView) }
    },

    /** One page, newest first. @throws {ValidationError} if the cursor is not for these filters */
    async list(clientId: string, filters: CallFilters): Promise<CallPage> {
      const page = await listCalls(context, clientId, filters)
      await recordRead(context.audit, { of: 'calls', count: page.items.length })
      return page
    },

    stats: (clientId: string, period: Period): Promise<CallStats> =>
      callStatistics(database.db, clientId, period),

    /** @throws {NotFoundError} if the client has no such call, or the call no recording */
    async recording(clientId: string, id: string, signal: AbortSignal): Promise<Recording> {
      return await openRecording(clientId, await recorded(clientId, id), signal)
    },

    /** Asks nobody else. @throws {NotFoundError} as far as we know, there is no recording */
    async recordingKnown(clientId: string, id: string): Promise<void> {
      await recorded(clientId, id)
    },

    /** Changes notes and tags. @throws {NotFoundError} if the client has no such call */
    async update(clientId: string, id: string, change: CallChange): Promise<Call> {
      await find(clientId, id)
      return await database.db.transaction(async (tx) => {
        const row = await lockCall(tx, id)
        if (row === undefined || row.sealed === null)
          throw new NotFoundError('There is no such call')
        const secrets = open({ id, sealed: row.sealed })
        const { notes = secrets.notes, tags = row.tags } = change
        const next = { ...secrets, notes }
        await tx
          .update(calls)
          .set({ tags: [...tags], ...context.vault.callColumns(id, next) })
          .where(eq(calls.id, id))
        await context.audit.recordWith(tx, {
          event: 'CALL_UPDATED',
          origin: requestOrigin(),
          resource: { type: 'call', id },
          details: { fields: Object.keys(change) },
        })
        return callView({ ...row, tags: [...tags] }, next)
      })
    },

    /** Erases a call's personal data. @throws {NotFoundError} if the client has no such call */
    async erase(clientId: string, id: string): Promise<void> {
      await find(clientId, id)
      await eraseCall(context, clientId, id)
    },

    webhookCaller,

    /** Stores a message of the provider; it is applied soon after. */
    receiveWebhook: (raw: RawMessage, soon?: boolean): Promise<void> => incoming.receive(raw, soon),

    /** Notes that a stranger came, summed up by reason and address (IPv6: by /56). */
    async rejectStranger(
      reason: Exclude<WebhookCaller, 'provider'>,
      address: string | undefined,
      origin: AuditOrigin,
    ): Promise<void> {
      await context.audit.recordSummed(`${reason} ${addressKey(address ?? 'unknown')}`, {
        event: 'WEBHOOK_REJECTED',
        origin,
        details: { provider: provider.name, reason },
        statusCode: 404,
      })
    },

    /** What is wrong with the provider, for `/health/ready`. */
    warning: (): string | undefined => provider.warning?.(),

    /** Resolves once every callback that this process took is applied. */
    settled: (): Promise<void> => incoming.settled(),

    /** Ends what the provider plays, and waits for what was taken. Stop server and jobs first. */
    async close(): Promise<void> {
      await provider.close()
      await incoming.settled()
    },
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
