import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { Keyring } from '#db/keyring.ts'
import type { Instruments } from '#telemetry/index.ts'
import type { AuditTrail } from '../audit/index.ts'
import {
  type CallChanged,
  type CallService,
  callService,
  callTimes,
  openCallCounts,
  openCallStatuses,
  registerCallJobs,
} from '../calls/index.ts'
import { timed } from '../hooks/request-context/index.ts'
import type { Figures } from './figures.ts'
import type { OwnListener } from './listener.ts'
import { claimCallerId, openProvider, type ProviderParts } from './provider.ts'

/** What calls are made of. */
export interface CallParts extends ProviderParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly jobs: Jobs
  readonly audit: AuditTrail
  readonly figures: Figures
  readonly platformClientId: string
}

/**
 * Opens the calls and starts their jobs.
 *
 * @param own known once the service listens, which is after its jobs have begun
 */
export async function openCalls(
  parts: CallParts,
  own: () => OwnListener | undefined,
): Promise<CallService> {
  const { config, database, keyring, jobs, audit, figures, onError } = parts
  const { instruments } = parts.telemetry
  const { exotel, webhookSecrets, callbackAddresses, reconcileAfter } = config.calls
  const provider = openProvider(parts, own)
  await claimCallerId(config, parts)
  const service = callService({
    database,
    keyring,
    jobs,
    audit,
    // Recordings are fetched while a request waits; all else is asked by jobs.
    provider: {
      ...provider,
      recording: (call, signal) => timed('provider', () => provider.recording(call, signal)),
    },
    publicUrl: config.publicUrl,
    webhookSecrets,
    // The simulator reports from this very machine.
    callbackAddresses: exotel === undefined ? [] : callbackAddresses,
    maxCalls: exotel?.maxCalls,
    onPlacement: (outcome) => instruments.placements.add(1, { 'caly.placement.outcome': outcome }),
    onChange: (change) => measure(instruments, change),
    onApplied: (lag) => instruments.webhookLag.record(lag / 1000),
    onError,
  })
  observeOpenCalls(instruments, figures)
  await registerCallJobs({ service, reconcileAfter })
  return service
}

function measure({ callDuration, callTalk }: Instruments, change: CallChanged): void {
  const { ended, talk } = callTimes(change)
  if (ended !== undefined) callDuration.record(ended.seconds, { 'caly.call.status': ended.status })
  if (talk !== undefined) callTalk.record(talk)
}

function observeOpenCalls(instruments: Instruments, figures: Figures): void {
  const counts = figures.add(openCallCounts)
  instruments.openCalls.addCallback((result) => {
    const open = counts.current()
    if (open === undefined) return
    for (const status of openCallStatuses)
      result.observe(open[status], { 'caly.call.status': status })
  })
}
