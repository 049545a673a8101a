import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { Keyring } from '#db/keyring.ts'
import {
  inspectTrail,
  openAnchor,
  registerAuditJobs,
  rowMacs,
  type SignedSeal,
  sealHash,
  sealKeys,
  startSealing,
  type TrailInspection,
} from '../audit/index.ts'
import type { Config } from '../config.ts'
import { KnownFields, type Logger } from '../log/index.ts'

/** What seals are made of. */
export interface SealParts {
  readonly config: Config
  readonly log: Logger
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

/** Nothing was sealed for so long: whatever keeps it from that is no passing matter. */
const quietLimit = 5 * 60_000

/** Seals the trail, anchors the seals, and keeps its months in order. */
export async function openSeals(parts: SealParts): Promise<OpenSeals> {
  const { config, log, database, keyring, jobs, platformClientId } = parts
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
  let failing = false
  const heads = headWatch(log)
  const onSeal = (seal: SignedSeal) => {
    failing = false
    heads(seal)
    logSeal(log, seal)
    anchor?.add(seal)
  }
  const sealing = startSealing({
    client,
    keys,
    macs,
    now: Date.now,
    onSeal,
    onError(error) {
      // Once, until it works again: a database that is away is told of elsewhere.
      if (!failing) log.error({ error }, 'the audit trail cannot be sealed')
      failing = true
    },
  })
  await registerAuditJobs({
    client,
    keys,
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
      if (sealing.quietFor() > quietLimit) return 'the audit trail is not sealed'
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

/** The signed head leaves the database with every seal: whoever keeps the log can compare. */
function logSeal(log: Logger, seal: SignedSeal): void {
  const { position, kind, month, rowCount, totalCount, forgedCount, keyId } = seal
  const root = Buffer.from(seal.root).toString('hex')
  const hash = sealHash(seal).toString('hex')
  const fields = { position, kind, month, rowCount, totalCount, root, hash, keyId }
  log.info(new KnownFields(fields), 'audit seal')
  if (forgedCount > 0)
    log.error({ position, forgedCount }, 'rows of the audit trail were not written by Caly')
}

/** Notices that the chain is shorter than this process has seen it: its end was cut off. */
function headWatch(log: Logger) {
  let highest = 0
  return ({ position }: SignedSeal) => {
    if (position <= highest)
      log.error({ position, highest }, 'the audit seals were cut off: a position came again')
    highest = Math.max(highest, position)
  }
}
