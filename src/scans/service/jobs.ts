import { attempts, scanQueues } from './context.ts'
import { runScan } from './run.ts'
import type { ScanService } from './service.ts'
import { startScan } from './start.ts'
import { upkeep } from './upkeep.ts'

/** Options of {@linkcode registerScanJobs}. */
export interface ScanJobsOptions {
  readonly service: ScanService
  /** A cron line in UTC; undefined: only when somebody asks for a scan. */
  readonly schedule: string | undefined
  /** Days for which scans are kept. */
  readonly retentionDays: number
}

/** Seconds between two looks for scans that have had their day, over all replicas. */
const upkeepInterval = 3600

/** Seconds that an attempt gets on top of its own limit, to say that it was too long. */
const margin = 60

/** What runs by the clock is done again the next time. */
const occasional = { retries: 0, timeout: 300, pollInterval: 30_000, keep: 3600, keyed: true }

/** Runs this feature's jobs: scans, their schedule, retention. */
export async function registerScanJobs({ service, schedule, retentionDays }: ScanJobsOptions) {
  const { context } = service
  const { jobs } = context
  await jobs.work<{ scanId: string }>(scanQueues.run, (attempt) => runScan(context, attempt), {
    timeout: Math.ceil(context.timeLimit / 1000) + margin,
    retries: attempts - 1,
    retryDelay: 1,
    pollInterval: 5000,
    keyed: true,
  })
  await jobs.work(
    scanQueues.schedule,
    async () => {
      const clientId = await context.platformClientId()
      if (clientId === undefined) return
      const origin = { actorType: 'system' } as const
      await startScan(context, { clientId, trigger: 'schedule', origin })
    },
    // Else a database that is away for a moment would cost a day.
    { ...occasional, retries: 5, retryDelay: 10, pollInterval: 5000 },
  )
  await jobs.work(
    scanQueues.upkeep,
    ({ signal, stopping }) => upkeep(context, retentionDays, AbortSignal.any([signal, stopping])),
    occasional,
  )
  await jobs.schedule(scanQueues.schedule, schedule)
  jobs.every(scanQueues.upkeep, upkeepInterval)
}
