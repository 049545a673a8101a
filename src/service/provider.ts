import type { Database } from '#db/database.ts'
import { httpClientTelemetry, type Telemetry } from '#telemetry/index.ts'
import type { AuditTrail } from '../audit/index.ts'
import {
  addClientNumber,
  type CallProvider,
  type CircuitState,
  exotel,
  simulator,
  toE164,
} from '../calls/index.ts'
import type { Config } from '../config.ts'
import { ConflictError } from '../errors.ts'
import type { LimiterStore } from '../hooks/rate-limit/index.ts'
import type { Logger } from '../log/index.ts'
import type { OwnListener } from './listener.ts'

/** What providers are made of. */
export interface ProviderParts {
  readonly config: Config
  readonly log: Logger
  readonly telemetry: Telemetry
  /** Where the account's rate is counted. */
  readonly store: LimiterStore
  readonly onError: (error: unknown) => void
}

/** Who places the calls: Exotel where its variables are set, else the built-in simulator. */
export function openProvider(
  parts: ProviderParts,
  own: () => OwnListener | undefined,
): CallProvider {
  return parts.config.calls.exotel === undefined
    ? openSimulator(parts, own)
    : openExotel(parts, parts.config.calls.exotel)
}

type ExotelSettings = NonNullable<Config['calls']['exotel']>

const circuitStates: readonly CircuitState[] = ['closed', 'open', 'half_open']

/** Records settle after 2 minutes (documented). Who asks sooner after a silence asks sooner here. */
const usualSettling = 2 * 60_000

function openExotel(
  { config, log, telemetry, store }: ProviderParts,
  { rate, ...account }: ExotelSettings,
): CallProvider {
  const provider = exotel({
    account,
    rate,
    store,
    telemetry: httpClientTelemetry(telemetry),
    settlesAfter: Math.min(usualSettling, config.calls.reconcileAfter),
    onCircuit: (state) => log.warn({ provider: 'exotel', circuit: state }, 'circuit breaker'),
  })
  telemetry.instruments.providerCircuit.addCallback((result) => {
    for (const state of circuitStates)
      result.observe(provider.circuit === state ? 1 : 0, { 'caly.circuit.state': state })
  })
  return provider
}

function openSimulator(
  { config, onError }: ProviderParts,
  own: () => OwnListener | undefined,
): CallProvider {
  const { listen, allowedHosts, forceHttps } = config
  // The simulator reports to this very service. Behind TLS, a proxy or another name the listener
  // cannot be reached as clients reach it: then its requests enter without a socket.
  const byLoopback =
    listen.isLoopback && !listen.tls && !forceHttps && allowedHosts.includes(listen.host)
  return simulator({
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
}

/** What {@linkcode claimCallerId} needs. */
export interface ClaimOptions {
  readonly database: Database
  readonly audit: AuditTrail
  readonly platformClientId: string
}

/**
 * Gives the ExoPhone that calls are placed from to the operator's own client, unless it is somebody's
 * already: calls that come in over it are then somebody's.
 */
export async function claimCallerId(
  { calls }: Config,
  { database, audit, platformClientId }: ClaimOptions,
): Promise<void> {
  const number = calls.exotel && toE164(calls.exotel.callerId)
  if (number === undefined || platformClientId === '') return
  const origin = { actorType: 'system' } as const
  await addClientNumber(
    { db: database.db, audit },
    { number, clientId: platformClientId },
    origin,
  ).catch((error: unknown) => {
    // Another client's: so it was meant.
    if (!(error instanceof ConflictError)) throw error
  })
}
