import { v7 as uuidv7 } from 'uuid'
import type { Jobs } from '#db/jobs.ts'
import { insertRows } from './insert.ts'
import { dropOldMonths, type RetentionOptions } from './retention.ts'
import { auditRow } from './row.ts'
import { inTransaction } from './transaction.ts'

const queue = 'audit.upkeep'

/** Seconds between two runs over all replicas. */
const interval = 3600

/** Months that have a partition ahead of the current one; migrations make as many at each start. */
const monthsAhead = 3

/** Makes the coming months' partitions and drops the old ones, by the hour, once over all replicas. */
export async function registerAuditJobs(
  options: RetentionOptions & { readonly jobs: Jobs },
): Promise<void> {
  const { jobs } = options
  await jobs.work(
    queue,
    async ({ signal }) => {
      await ensureMonths(options)
      await dropOldMonths(options, signal)
    },
    { retries: 2, retryDelay: 60, timeout: 600, pollInterval: 30_000 },
  )
  jobs.every(queue, interval)
}

/** Makes the partitions of this month and of those ahead, where they are missing, with an event. */
export function ensureMonths({
  client,
  maker,
  now,
}: Pick<RetentionOptions, 'client' | 'maker' | 'now'>): Promise<void> {
  return inTransaction(client, { label: 'audit months' }, async (queries) => {
    const text = 'select caly_ensure_audit_partitions($1) as made'
    const { rows } = await queries.query({ text, values: [monthsAhead] })
    const [{ made } = { made: 0 }] = rows as readonly { readonly made: number }[]
    if (made === 0) return
    const details = { of: 'audit_months', count: made }
    const event = { event: 'DATA_CREATED', origin: { actorType: 'system' }, details } as const
    await insertRows(queries, [auditRow(event, { id: uuidv7(), at: now() }, maker)])
  })
}
