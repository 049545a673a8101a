/** Entry of the thread that hashes passwords: one job at a time, one answer each. */
import { parentPort } from 'node:worker_threads'
import { type PasswordJob, type PasswordResult, runPasswordJob } from './argon2.ts'

parentPort?.on('message', async (job: PasswordJob) => {
  const result: PasswordResult = await runPasswordJob(job).then(
    (value) => ({ value }),
    // Only the kind: what a library says of a hash may quote it.
    (error: unknown) => ({ failed: error instanceof Error ? error.name : typeof error }),
  )
  parentPort?.postMessage(result)
})
