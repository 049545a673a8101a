import { type CallContext, queues } from './context.ts'
import { dispatch, providerCall } from './dispatch.ts'
import { forgetMessages } from './forget-messages.ts'
import { forgetAnswers } from './idempotency.ts'
import type { ProviderCall } from './provider.ts'
import { type CallRow, openCalls } from './queries.ts'
import { reconcile } from './reconcile.ts'
import type { CallService } from './service.ts'
import { foldCallChanges } from './stats-fold.ts'

/** Options of {@linkcode registerCallJobs}. */
export interface CallJobsOptions {
  readonly service: CallService
  /** Milliseconds without news after which a call is asked about at the provider. */
  readonly reconcileAfter: number
}

/** Calls placed at a time by one process. */
const placing = 4

/** Open calls that a restarted simulator takes up. */
const resumed = 10_000

/** What runs by the clock is done again the next time, and whoever sends it wakes its worker. */
const occasional = { retries: 0, timeout: 300, pollInterval: 5000, keep: 600, keyed: true }

/** Seconds between two sweeps over what was left lying. */
const sweepInterval = 10

/** Seconds in which changes gather before they are added up: a few hundred are no burden to a reader. */
const statsInterval = 60

/**
 * Runs this feature's jobs, here and now: placing, reconciliation, the sweep. Takes up the calls
 * that an earlier process left with a provider that lives in the process.
 */
export async function registerCallJobs({ service, reconcileAfter }: CallJobsOptions) {
  const { context, incoming } = service
  const { jobs, database, provider, now } = context
  await jobs.work<{ callId: string }>(
    queues.place,
    ({ data, ...attempt }) => dispatch(context, { callId: data.callId, ...attempt }),
    {
      concurrency: placing,
      timeout: 60,
      retries: 6,
      retryDelay: 1,
      retryDelayMax: 60,
      keyed: true,
    },
  )
  await jobs.work(
    queues.reconcile,
    ({ signal, stopping }) =>
      reconcile(context, {
        after: reconcileAfter,
        signal: AbortSignal.any([signal, stopping]),
      }),
    occasional,
  )
  await jobs.work(
    queues.sweep,
    async ({ signal }) => {
      await incoming.sweep(signal)
      await forgetAnswers(database.db, now())
      await forgetMessages(database.db, context.audit, now())
    },
    occasional,
  )
  await jobs.work(queues.stats, ({ signal }) => foldCallChanges(database.db, signal), occasional)
  jobs.every(queues.reconcile, seconds(reconcileAfter / 2))
  jobs.every(queues.sweep, sweepInterval)
  jobs.every(queues.stats, statsInterval)
  if (provider.resume !== undefined) {
    const open = await openCalls(database.db, provider.name, { limit: resumed, dispatched: true })
    provider.resume(open.flatMap((row) => readable(context, row) ?? []))
  }
}

/** One call that cannot be opened must not keep the service from starting. */
function readable(context: CallContext, row: CallRow): ProviderCall | undefined {
  try {
    return providerCall(context, row)
  } catch (error) {
    context.onError(error)
    return undefined
  }
}

/** From a second to a minute. */
const seconds = (milliseconds: number) => Math.max(1, Math.min(60, Math.floor(milliseconds / 1000)))
