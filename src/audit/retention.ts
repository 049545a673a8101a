import { v7 as uuidv7 } from 'uuid'
import type { Database } from '#db/database.ts'
import { QueryError } from '#db/errors.ts'
import { insertRows } from './insert.ts'
import { merkleRoot } from './merkle.ts'
import { auditRow, type RowMaker } from './row.ts'
import type { Queries } from './rows/read-rows.ts'
import { type HeadCheck, trustedHead } from './seals/head.ts'
import { nextSeal, signed } from './seals/next-seal.ts'
import type { SignedSeal } from './seals/seal.ts'
import { addSeal } from './seals/store.ts'
import { inTransaction, tryToChain } from './transaction.ts'
import { spanOf } from './verify/months.ts'

/** What retention needs. */
export interface RetentionOptions extends HeadCheck {
  readonly client: Database['client']
  readonly maker: RowMaker
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /**
   * Days that a row is kept at least: a month goes as a whole, once all of it is older. Where
   * `audit_settings` asks for more days, it is these.
   */
  readonly days: number
  /** Hears of the seal that tells of a drop. */
  readonly onSeal: (seal: SignedSeal) => void
}

const day = 86_400_000

/** A drop waits this long for the table: everybody else waits behind it. */
const lockTimeout = '500ms'

/** So often it is tried, each time a little later. */
const attempts = 20

const lockNotAvailable = '55P03'

/**
 * Drops the months that are older than retention asks for, each with a seal that says so and an event.
 * A month that is not sealed to its end stays until it is.
 *
 * @returns the months that were dropped
 * @throws {QueryError} if the table was never free for half a second
 * @throws {UntrustedSealError} if the chain does not end with a seal of Caly's
 */
export async function dropOldMonths(
  options: RetentionOptions,
  signal?: AbortSignal,
): Promise<string[]> {
  const dropped: string[] = []
  for (const month of await oldMonths(options)) {
    for (let attempt = 1; signal?.aborted !== true; attempt += 1) {
      const result = await tryToDrop(options, month, attempt === attempts)
      if (typeof result === 'object') {
        options.onSeal(result)
        dropped.push(month)
      }
      if (result !== 'busy' || attempt === attempts) break
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt * (1 + Math.random())))
    }
  }
  return dropped
}

async function oldMonths({ client, now, days }: RetentionOptions): Promise<string[]> {
  const { rows } = await client.query(`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'audit_logs'::regclass`)
  const { rows: settings } = await client.query(
    'select retention_days as days, now() as now from audit_settings',
  )
  const [least] = settings as readonly { readonly days: number; readonly now: Date }[]
  if (least === undefined) return []
  // Of two clocks that differ the earlier one: a month that is gone does not come back.
  const present = Math.min(now(), least.now.getTime())
  const before = new Date(present - Math.max(days, least.days) * day)
  return (rows as readonly { readonly name: string }[])
    .map(({ name }) => /audit_logs_(\d{4})_(\d{2})"?$/.exec(name))
    .filter((match) => match !== null)
    .map(([, year, month]) => `${year}-${month}`)
    .filter((month) => new Date(spanOf(month).ends) <= before)
    .sort()
}

type Attempt = SignedSeal | 'busy' | 'not sealed'

/** @param last whether a table that is not free is an error by now */
async function tryToDrop(
  options: RetentionOptions,
  month: string,
  last: boolean,
): Promise<Attempt> {
  try {
    return await inTransaction(options.client, { label: 'audit retention' }, (queries) =>
      drop(queries, options, month),
    )
  } catch (error) {
    if (!last && error instanceof QueryError && error.code === lockNotAvailable) return 'busy'
    throw error
  }
}

async function drop(queries: Queries, options: RetentionOptions, month: string): Promise<Attempt> {
  const { keys, maker, now } = options
  if (!(await tryToChain(queries))) return 'busy'
  const head = await trustedHead(queries, options)
  if (head === undefined || (await hasUnsealed(queries, month, head.toXid))) return 'not sealed'
  const rows = await sealedRows(queries, month)
  const content = {
    kind: 'drop',
    month,
    fromXid: head.toXid,
    toXid: head.toXid,
    rowCount: rows,
    forgedCount: 0,
    root: merkleRoot(new Uint8Array(0)),
  } as const
  const seal = await signed(keys, nextSeal(head, now(), content))
  await queries.query(`set local lock_timeout = '${lockTimeout}'`)
  await addSeal(queries, seal, undefined)
  await queries.query({ text: 'select caly_drop_audit_month($1)', values: [month] })
  const origin = { actorType: 'system' } as const
  const event = { event: 'AUDIT_MONTH_DROPPED', origin, details: { month, rows } } as const
  await insertRows(queries, [auditRow(event, { id: uuidv7(), at: now() }, maker)])
  return seal
}

async function hasUnsealed(queries: Queries, month: string, toXid: string): Promise<boolean> {
  const { begins, ends } = spanOf(month)
  const { rows } = await queries.query({
    text: `select 1 from audit_logs
      where created_at >= $1 and created_at < $2 and written_by >= $3::xid8 limit 1`,
    values: [begins, ends, toXid],
  })
  return rows.length > 0
}

async function sealedRows(queries: Queries, month: string): Promise<number> {
  const { rows } = await queries.query({
    text: `select coalesce(sum(row_count), 0)::text as rows from audit_seals
      where kind = 'rows' and month = $1`,
    values: [month],
  })
  return Number((rows as readonly { readonly rows: string }[])[0]?.rows ?? 0)
}
