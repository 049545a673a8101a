import type { Database } from '#db/database.ts'
import type { RowMacs } from '../row-mac.ts'
import { preferIndex, type Queries } from '../rows/read-rows.ts'
import { hex, type SignedSeal, sealHash } from '../seals/seal.ts'
import { keptKeys, readSeals } from '../seals/store.ts'
import { inTransaction } from '../transaction.ts'
import { type Anchors, anchorCheck } from './anchors.ts'
import { chainCheck } from './chain.ts'
import { erasureCheck } from './erasures.ts'
import { findings as collect, type Finding, type Findings } from './findings.ts'
import { isMonth, knownMonths, spanOf, spansBetween } from './months.ts'
import { rowChecks, rowsBeside, unsealedRows } from './other-rows.ts'
import { sealedRows } from './sealed-rows.ts'

/** Options of {@linkcode verifyTrail}. */
export interface VerifyOptions {
  readonly client: Database['client']
  readonly macs: RowMacs
  /** Public keys that are believed, by their thumbprints: those of `ENCRYPTION_KEY`. */
  readonly publicKeys: ReadonlyMap<string, Uint8Array>
  /** What left the database. @default nothing did: a cut tail cannot be told */
  readonly anchors?: Anchors
  /** Findings that are kept; all are counted. @default 1000 */
  readonly mostFindings?: number
  /** Aborts between two pages. */
  readonly signal?: AbortSignal | undefined
}

/** What a verification found. */
export interface VerifyReport {
  /** Whether nothing is wrong. */
  readonly intact: boolean
  /** Rows that were read. */
  readonly rows: number
  /** Of them, too young to be sealed; their MACs were checked. */
  readonly unsealed: number
  /** Of them, emptied by an erasure. */
  readonly erased: number
  readonly seals: number
  /** Anchored seals that were compared. */
  readonly anchored: number
  /** Months that retention dropped. */
  readonly dropped: readonly string[]
  /** Where the chain ends; undefined while nothing is sealed. */
  readonly head?: {
    readonly position: number
    readonly totalCount: number
    readonly createdAt: Date
    readonly hash: string
    readonly keyId: string
  }
  readonly findings: readonly Finding[]
  readonly findingCount: number
}

/**
 * Reads the whole trail and its seals, as they are at one moment, and tells what is not as Caly wrote
 * it. Constant memory but for the seals of one group, the anchors and a line for each erasure.
 *
 * The embedded database serves nobody else meanwhile.
 *
 * @throws what the database throws, and the signal's reason
 */
export function verifyTrail(options: VerifyOptions): Promise<VerifyReport> {
  const mode = 'isolation level repeatable read read only'
  return inTransaction(options.client, { label: 'audit verification', mode }, async (queries) => {
    // A drop is seen at once whatever the snapshot: no month may go from here on, nor from in between.
    await queries.query('lock table audit_logs in access share mode')
    await preferIndex(queries)
    return verify(queries, options)
  })
}

async function verify(queries: Queries, options: VerifyOptions): Promise<VerifyReport> {
  const { publicKeys, anchors = new Map(), mostFindings = 1000, signal } = options
  const findings = collect(mostFindings)
  const dropped = await droppedMonths(queries)
  const months = (await knownMonths(queries)).filter((month) => !dropped.has(month))
  const erasures = erasureCheck(findings)
  const checks = rowChecks(options.macs, erasures, findings)
  const chain = chainCheck({ trusted: publicKeys, kept: await keptKeys(queries) }, findings)
  const anchored = anchorCheck(anchors, findings)
  const rows = sealedRows(queries, checks, findings, signal)

  let seals = 0
  let head: SignedSeal | undefined
  let sure: SignedSeal | undefined
  for await (const seal of readSeals(queries)) {
    signal?.throwIfAborted()
    seals += 1
    const isNext = seal.position === (head?.position ?? 0) + 1
    const sound = await chain.see(seal)
    anchored.see(seal)
    if (!(isNext && sound)) rows.doubt()
    if (sound) sure = seal
    if (sound && seal.kind === 'rows' && !dropped.has(seal.month)) {
      if (isMonth(seal.month)) await rows.see(seal)
      else strange(findings, seal)
    }
    head = seal
  }
  chain.end()
  anchored.end()

  const sealedTo = BigInt(sure?.toXid ?? 0)
  const read = await rows.end(months, sealedTo)
  const spans = [...months.map(spanOf), ...spansBetween(months)]
  const unsealed = await unsealedRows(queries, { spans, sealedTo, checks, findings, signal })
  const elsewhere = await rowsBeside(queries, spansBetween(months), sealedTo, findings, signal)
  return {
    rows: read + unsealed + elsewhere,
    unsealed,
    erased: await erasures.end(queries, (month) => dropped.has(month)),
    seals,
    anchored: anchors.size,
    dropped: [...dropped].sort(),
    ...(head !== undefined && {
      head: {
        position: head.position,
        totalCount: head.totalCount,
        createdAt: head.createdAt,
        hash: hex(sealHash(head)),
        keyId: head.keyId,
      },
    }),
    findings: findings.kept,
    findingCount: findings.count,
    intact: findings.count === 0,
  }
}

const strange = (findings: Findings, { position, rowCount }: SignedSeal) =>
  findings.add(
    'row_forged',
    `Seal ${position} speaks of ${rowCount} rows at times that no calendar has`,
    { position },
  )

async function droppedMonths(queries: Queries): Promise<ReadonlySet<string>> {
  const { rows } = await queries.query(`select month from audit_seals where kind = 'drop'`)
  return new Set((rows as readonly { readonly month: string }[]).map(({ month }) => month))
}
