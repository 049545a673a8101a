import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { Keyring } from '#db/keyring.ts'
import type { AuditTrail } from '../audit/index.ts'
import { type CallService, callService, registerCallJobs, simulator } from '../calls/index.ts'
import type { Config } from '../config.ts'
import { timed } from '../hooks/request-context/index.ts'
import type { OwnListener } from './listener.ts'

/** Nobody here can place the calls that the configuration asks for; the message says what to set. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
}

/** What calls are made of. */
export interface CallParts {
  readonly config: Config
  readonly database: Database
  readonly keyring: Keyring
  readonly jobs: Jobs
  readonly audit: AuditTrail
  readonly onError: (error: unknown) => void
}

/**
 * Opens the calls and starts their jobs.
 *
 * @param own known once the service listens, which is after its jobs have begun
 * @throws {ProviderError} if another provider than the simulator is wanted
 */
export async function openCalls(
  { config, database, keyring, jobs, audit, onError }: CallParts,
  own: () => OwnListener | undefined,
): Promise<CallService> {
  const { listen, allowedHosts, forceHttps } = config
  // Calls that are only simulated must never be taken for real ones.
  if (config.calls.exotel !== undefined)
    throw new ProviderError(
      'This version places no calls over Exotel yet: set CALY_PROVIDER=simulator, or unset the EXOTEL_ variables',
    )
  // The simulator reports to this very service. Behind TLS, a proxy or another name the listener
  // cannot be reached as clients reach it: then its requests enter without a socket.
  const byLoopback =
    listen.isLoopback && !listen.tls && !forceHttps && allowedHosts.includes(listen.host)
  const provider = simulator({
    step: config.calls.simulatorStep,
    ...(byLoopback
      ? { callbackBase: () => own()?.server.url }
      : {
          fetch: async (url: URL, init: RequestInit) => {
            const listener = own()
            if (listener === undefined) throw new Error('The service does not listen yet')
            return listener.fetch(new Request(url.href, init))
          },
        }),
    onError,
  })
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
    webhookSecrets: config.calls.webhookSecrets,
    // The simulator reports from this very machine.
    callbackAddresses: config.calls.exotel === undefined ? [] : config.calls.callbackAddresses,
    onError,
  })
  await registerCallJobs({ service, reconcileAfter: config.calls.reconcileAfter })
  return service
}
