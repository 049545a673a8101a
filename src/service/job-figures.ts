import { jobFigures, jobStates } from '#db/job-figures.ts'
import type { Telemetry } from '#telemetry/index.ts'
import type { Figures } from './figures.ts'

/** Publishes how the queues stand. */
export function observeJobs({ instruments }: Telemetry, figures: Figures): void {
  const queues = figures.add(jobFigures)
  instruments.jobs.addCallback((result) => {
    for (const { queue, jobs } of queues.current() ?? [])
      for (const state of jobStates) {
        const count = jobs[state]
        if (count !== undefined)
          result.observe(count, { 'caly.job.queue': queue, 'caly.job.state': state })
      }
  })
  instruments.oldestJob.addCallback((result) => {
    for (const { queue, waited } of queues.current() ?? [])
      result.observe(waited, { 'caly.job.queue': queue })
  })
}
