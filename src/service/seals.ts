import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { Keyring } from '#db/keyring.ts'
import type { Telemetry } from '#telemetry/index.ts'
import {
  inspectTrail,
  openAnchor,
  registerAuditJobs,
  rowMacs,
  type SealingStatus,
  SealMemory,
  type SignedSeal,
  sealHash,
  sealKeys,
  sealLag,
  startSealing,
  type TrailInspection,
  TransactionCounterError,
  UntrustedSealError,
} from '../audit/index.ts'
import type { Config } from '../config.ts'
import { KnownFields, type Logger } from '../log/index.ts'
import type { Figures } from './figures.ts'

/** What seals are made of. */
export interface SealParts {
  readonly config: Config
  readonly log: Logger
  readonly telemetry: Telemetry
  readonly figures: Figures
  readonly database: Database
  readonly keyring: Keyring
  readonly jobs: Jobs
  readonly platformClientId: () => string
}

/** The sealing of a running service. */
export interface OpenSeals {
  /** What is wrong with it, for `/health/ready`. */
  warning(): string | undefined
  /** Seals what can be sealed and anchors it. @param timeout milliseconds */
  close(timeout: number): Promise<void>
}

/** Milliseconds between two looks at the trail's tables. */
const inspectInterval = 10 * 60_000

/** Milliseconds that a row may wait, or no round end well: what takes longer is no passing matter. */
const patience = 60_000

/** Seals the trail, anchors the seals, and keeps its months in order. */
export async function openSeals(parts: SealParts): Promise<OpenSeals> {
  const { config, log, database, keyring, jobs, platformClientId } = parts
  observeLag(parts)
  const { client } = database
  const keys = await sealKeys(keyring)
  const macs = rowMacs(keyring)
  let anchorFails = false
  const anchor =
    config.audit.anchor === undefined
      ? undefined
      : openAnchor({
          target: config.audit.anchor,
          onState(error) {
            anchorFails = error !== undefined
            if (anchorFails) log.error({ error }, 'AUDIT_ANCHOR cannot be written')
            else log.info({}, 'AUDIT_ANCHOR is written again')
          },
        })
  let told: string | undefined
  const memory = new SealMemory()
  const onSeal = (seal: SignedSeal) => {
    told = undefined
    memory.see(seal)
    logSeal(log, seal)
    anchor?.add(seal)
  }
  const sealing = startSealing({
    client,
    keys,
    macs,
    now: Date.now,
    memory,
    patience,
    onSeal,
    onError(error) {
      // Each kind once, until it works again: a database that is away is told of elsewhere.
      const kind = error instanceof Error ? error.name : ''
      if (told !== kind) log.error({ error }, 'the audit trail cannot be sealed')
      told = kind
    },
  })
  await registerAuditJobs({
    client,
    keys,
    memory,
    maker: { macs, platformClientId },
    now: Date.now,
    days: config.audit.retentionDays,
    onSeal,
    jobs,
  })
  let tables: TrailInspection | undefined
  const inspect = async () => {
    tables = await inspectTrail(client).catch(() => tables)
  }
  await inspect()
  const timer = setInterval(() => void inspect(), inspectInterval)
  timer.unref()
  return {
    warning() {
      if (tables?.nextMonth === false) return 'the coming month has no audit partition'
      const unsealed = sealingWarning(sealing.status())
      if (unsealed !== undefined) return unsealed
      if (anchorFails) return 'AUDIT_ANCHOR cannot be written'
      // Development has one role, and nothing to prove to anybody.
      return config.production && tables?.alterable === true
        ? 'the role could change the audit trail: see DATABASE_OWNER_URL'
        : undefined
    },
    async close(timeout) {
      clearInterval(timer)
      await sealing.close()
      await anchor?.close(timeout)
    },
  }
}

function observeLag({ telemetry, figures }: SealParts): void {
  const lag = figures.add(sealLag)
  telemetry.instruments.auditSealLag.addCallback((result) => {
    const seconds = lag.current()
    if (seconds !== undefined) result.observe(seconds)
  })
}

/** The signed head leaves the database with every seal: whoever keeps the log can compare. */
function logSeal(log: Logger, seal: SignedSeal): void {
  const { position, kind, month, rowCount, totalCount, forgedCount, keyId } = seal
  const root = Buffer.from(seal.root).toString('hex')
  const hash = sealHash(seal).toString('hex')
  const fields = { position, kind, month, rowCount, totalCount, root, hash, keyId }
  log.known('info', new KnownFields(fields), 'audit seal')
  if (forgedCount > 0)
    log.error({ position, forgedCount }, 'rows of the audit trail were not written by Caly')
}

/** What keeps the trail from being sealed; the log has the whole error. */
function sealingWarning({ failure, quiet, holdUp }: SealingStatus): string | undefined {
  if (failure instanceof UntrustedSealError)
    return 'the audit trail is not sealed: its seals cannot be trusted, see the log'
  if (failure instanceof TransactionCounterError)
    return 'the audit trail is not sealed: the transaction counter of the database went back'
  if (quiet > patience) return 'the audit trail is not sealed'
  if (holdUp === undefined) return undefined
  const { waits, by, pid } = holdUp
  const late = `an audit row has waited ${Math.round(waits / 1000)} s to be sealed`
  if (by === undefined) return late
  const holder = pid === undefined ? 'a prepared transaction' : `the server process ${pid}`
  const what = by === 'lock' ? 'the lock of sealing' : 'an older transaction open'
  return `${late}: ${holder} holds ${what}`
}
