import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { Keyring } from '#db/keyring.ts'
import type { AuditTrail } from '../audit/index.ts'
import { type CallService, callService, registerCallJobs } from '../calls/index.ts'
import { timed } from '../hooks/request-context/index.ts'
import type { OwnListener } from './listener.ts'
import { claimCallerId, openProvider, type ProviderParts } from './provider.ts'

/** What calls are made of. */
export interface CallParts extends ProviderParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly jobs: Jobs
  readonly audit: AuditTrail
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
  const { config, database, keyring, jobs, audit, telemetry, onError } = parts
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
    onPlacement: (outcome) =>
      telemetry.instruments.placements.add(1, { 'caly.placement.outcome': outcome }),
    onError,
  })
  await registerCallJobs({ service, reconcileAfter })
  return service
}
