import { and, eq, lt } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { scans } from '#db/schema/index.ts'
import type { AuditOrigin } from '../../audit/index.ts'
import { attempts, type ScanContext, scanQueues } from './context.ts'
import type { FinishedScan } from './finished-scan.ts'
import type { ScanRow } from './queries.ts'
import { failedScan, finishScanIn } from './record.ts'

/** Whose scan, and what set it off. */
export interface ScanStart {
  readonly clientId: string
  readonly trigger: ScanRow['trigger']
  readonly origin: AuditOrigin
}

/** What a scan says whose process never came back to it. */
export const interrupted = 'The scan was interrupted: its process ended before it did.'

/** Times that a scan is looked for that ended while it was looked for. */
const looks = 3

/** Milliseconds between two attempts, at most: until a dead process is missed, and until the next try. */
const betweenAttempts = 120_000

/**
 * Begins a scan, unless one runs: then it is that one. Whichever replica finds its job first looks.
 *
 * @returns the scan that runs now
 */
export async function startScan(context: ScanContext, start: ScanStart): Promise<ScanRow> {
  for (let look = 0; look < looks; look += 1) {
    const { row, lost } = await context.database.db.transaction(async (tx) => ({
      lost: await endLostScans(tx, context, start.clientId),
      row: (await insertScan(tx, context, start)) ?? (await runningScan(tx, start.clientId)),
    }))
    for (const scan of lost) context.onFinished(scan, [])
    if (row === undefined) continue
    context.jobs.wake(scanQueues.run)
    return row
  }
  throw new Error('Scans end as fast as they are looked for')
}

/** @returns undefined where one runs */
async function insertScan(
  tx: Executor,
  { jobs, audit, now }: ScanContext,
  { clientId, trigger, origin }: ScanStart,
): Promise<ScanRow | undefined> {
  const id = uuidv7()
  const startedAt = new Date(now())
  const [row] = await tx
    .insert(scans)
    .values({ id, clientId, trigger, startedAt, status: 'running' })
    .onConflictDoNothing()
    .returning()
  if (row === undefined) return undefined
  await audit.recordWith(tx, {
    event: 'SCAN_STARTED',
    origin: { ...origin, clientId },
    resource: { type: 'scan', id },
    details: { trigger },
  })
  await jobs.send(tx, scanQueues.run, { scanId: id }, { key: id })
  return row
}

async function runningScan(tx: Executor, clientId: string): Promise<ScanRow | undefined> {
  const [row] = await tx
    .select()
    .from(scans)
    .where(and(eq(scans.clientId, clientId), eq(scans.status, 'running')))
  return row
}

/** Ends scans whose every attempt must be over by now: their job is lost, and nobody else would. */
export async function endLostScans(
  tx: Executor,
  context: Pick<ScanContext, 'audit' | 'now' | 'timeLimit'>,
  clientId: string,
): Promise<FinishedScan[]> {
  const patience = attempts * (context.timeLimit + betweenAttempts)
  const lost = await tx
    .select({ id: scans.id })
    .from(scans)
    .where(
      and(
        eq(scans.clientId, clientId),
        eq(scans.status, 'running'),
        lt(scans.startedAt, new Date(context.now() - patience)),
      ),
    )
  const ended: FinishedScan[] = []
  for (const { id } of lost) {
    const scan = await finishScanIn(tx, context, id, failedScan(interrupted))
    if (scan !== undefined) ended.push(scan)
  }
  return ended
}
