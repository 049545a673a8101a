import type { OpenTelemetryOptions } from 'pg-boss'

/** An attempt at a job, as observers are told of it. */
export interface ObservedJob {
  readonly id: string
  /** 1 for the first. */
  readonly attempt: number
}

/** Who wants to measure jobs, and to know where each came from. */
export interface JobObserver {
  /**
   * Runs what sends a job, once, and passes its outcome on.
   *
   * @param send resolves with the job's id; null: one of its key waits already, and none was added
   */
  onSend(queue: string, send: () => Promise<string | null>): Promise<string | null>
  /** Runs an attempt, once, and passes its outcome on. */
  onProcess(queue: string, job: ObservedJob, run: () => Promise<void>): Promise<void>
  /** How pg-boss writes into its own column where a job came from, and reads it for `onProcess`. */
  readonly origin: OpenTelemetryOptions
}

/** Watches nothing. */
export const nobody: JobObserver = {
  onSend: (_, send) => send(),
  onProcess: (_queue, _job, run) => run(),
  origin: { enabled: false },
}
