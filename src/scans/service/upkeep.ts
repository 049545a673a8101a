import { and, asc, desc, eq, inArray, lt, ne, notInArray } from 'drizzle-orm'
import { scans } from '#db/schema/index.ts'
import type { ScanContext } from './context.ts'
import { endLostScans } from './start.ts'

/** Rows deleted by one statement. */
const batch = 1000

/** Rows deleted by one run; a run follows every hour. */
const most = 100_000

/** Milliseconds of a day. */
const day = 24 * 3_600_000

/** Ends scans that nobody will end, and deletes those that have had their day. What they found stays. */
export async function upkeep(
  context: ScanContext,
  retentionDays: number,
  signal: AbortSignal,
): Promise<void> {
  const clientId = await context.platformClientId()
  if (clientId === undefined) return
  const lost = await context.database.db.transaction((tx) => endLostScans(tx, context, clientId))
  for (const scan of lost) context.onFinished(scan, [])
  const before = new Date(context.now() - retentionDays * day)
  for (let deleted = 0; deleted < most && !signal.aborted; ) {
    const count = await deleteOld(context, clientId, before)
    deleted += count
    if (count < batch) return
  }
}

/** Never the last complete one: it says how old the answer is. */
function deleteOld(
  { database, audit }: ScanContext,
  clientId: string,
  before: Date,
): Promise<number> {
  const ofClient = eq(scans.clientId, clientId)
  const last = database.db
    .select({ id: scans.id })
    .from(scans)
    .where(and(ofClient, eq(scans.status, 'complete')))
    .orderBy(desc(scans.id))
    .limit(1)
  const old = database.db
    .select({ id: scans.id })
    .from(scans)
    .where(
      and(
        ofClient,
        ne(scans.status, 'running'),
        lt(scans.startedAt, before),
        notInArray(scans.id, last),
      ),
    )
    .orderBy(asc(scans.id))
    .limit(batch)
  return database.db.transaction(async (tx) => {
    const { rowCount } = await tx.delete(scans).where(inArray(scans.id, old))
    const count = rowCount ?? 0
    if (count > 0)
      await audit.recordWith(tx, {
        event: 'DATA_DELETED',
        origin: { actorType: 'system', clientId },
        details: { of: 'scans', count },
      })
    return count
  })
}
