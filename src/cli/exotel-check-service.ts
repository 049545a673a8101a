/** The calls of a running service, joined by a command that places one. */
import { openDatabase } from '#db/database.ts'
import { joinEmbedded } from '#db/embedded/index.ts'
import { openJobs } from '#db/jobs.ts'
import { createKeyring, type Keyring } from '#db/keyring.ts'
import { disabledTelemetry, httpClientTelemetry } from '#telemetry/index.ts'
import { type AuditEntry, type AuditTrail, directTrail } from '../audit/index.ts'
import { platformClientId } from '../auth/index.ts'
import { type CallService, callService, type Exotel, exotel } from '../calls/index.ts'
import type { Config } from '../config.ts'
import { memoryStore } from '../hooks/rate-limit/index.ts'
import { keysOf, shell } from './shell.ts'

/** The account that the configuration names. */
export type ExotelSettings = NonNullable<Config['calls']['exotel']>

/** What placing a call from the shell takes. */
export interface JoinedCalls {
  readonly service: CallService
  readonly provider: Exotel
  readonly audit: AuditTrail
  readonly keyring: Keyring
  /** The operator's own client. */
  readonly clientId: string
}

/**
 * Opens the calls beside the service, for one piece of work: what is accepted here, the service places.
 *
 * @returns undefined, with nothing done, where no service has ever run on the database, or none is
 *   running on the embedded one
 */
export async function withCalls<Result>(
  config: Config,
  account: ExotelSettings,
  work: (calls: JoinedCalls) => Promise<Result>,
): Promise<Result | undefined> {
  const { dataDir } = config
  // Whoever opens the embedded database keeps the service from doing so.
  if (config.database.url === undefined && (await joinEmbedded(dataDir)) === undefined)
    return undefined
  // A transaction takes one, and the queues are looked up on another.
  const settings = { ...config.database, poolMax: 2, poolMin: 0 }
  const database = await openDatabase({ settings, dataDir, join: true })
  try {
    await database.migrate()
    const clientId = await platformClientId(database.db)
    if (clientId === undefined) return undefined
    const keyring = createKeyring(await keysOf(config))
    const audit = ofTheShell(
      directTrail({ client: database.client, keyring, platformClientId: () => clientId }),
    )
    const provider = exotel({
      account,
      rate: undefined,
      store: memoryStore(),
      telemetry: httpClientTelemetry(disabledTelemetry()),
    })
    const jobs = await openJobs({ database })
    const { publicUrl } = config
    const service = callService({ database, keyring, jobs, audit, provider, publicUrl })
    try {
      return await work({ service, provider, audit, keyring, clientId })
    } finally {
      await jobs.stop(2000)
      await service.close()
    }
  } finally {
    await database.close()
  }
}

/** What the calls record as done by nobody in particular is done by whoever runs the command. */
function ofTheShell(trail: AuditTrail): AuditTrail {
  const signed = (entry: AuditEntry): AuditEntry => ({
    ...entry,
    origin: { ...entry.origin, ...shell },
  })
  return {
    ...trail,
    recordWith: (executor, entries) =>
      trail.recordWith(
        executor,
        'event' in entries ? signed(entries) : entries.map((entry) => signed(entry)),
      ),
  }
}
