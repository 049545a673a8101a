/**
 * Work that outlives a request: pg-boss over our pool. A job is sent within the transaction of the
 * change that wants it, runs on one replica, and comes back if that replica dies.
 */
import { sql } from 'drizzle-orm'
import { fromDrizzle, PgBoss } from 'pg-boss'
import type { Database, Executor } from './database.ts'
import { QueryError } from './errors.ts'
import { type JobObserver, nobody } from './job-observer.ts'

/** What a job carries: ids. Whatever else it needs it reads when it runs. */
export type JobData = Readonly<Record<string, string>>

/** How a queue treats its jobs. */
export interface QueueOptions {
  /** Jobs that this process runs at a time. @default 1 */
  readonly concurrency?: number
  /** Further attempts after the first. @default 5 */
  readonly retries?: number
  /** Seconds before the second attempt; each later one waits twice as long, jittered. @default 1 */
  readonly retryDelay?: number
  /** The longest such wait in seconds. @default 60 */
  readonly retryDelayMax?: number
  /** Seconds that one attempt may take; then its signal aborts, and it counts as failed. @default 60 */
  readonly timeout?: number
  /** Milliseconds between two looks for jobs that other processes sent, from 500. @default 1000 */
  readonly pollInterval?: number
  /** Whether jobs are sent with a key, of which one waits at a time. Fixed when the queue is made. @default false */
  readonly keyed?: boolean
  /** Seconds that a finished job is kept for whoever looks into a failure. @default a day */
  readonly keep?: number
}

/** One attempt at a job. */
export interface JobAttempt<Data extends JobData> {
  readonly id: string
  readonly data: Data
  /** Aborts when the attempt has taken too long, or the time for stopping is up. */
  readonly signal: AbortSignal
  /** Aborts when the process is asked to stop: what only waits need not wait any longer. */
  readonly stopping: AbortSignal
  /** Whether no other attempt follows if this one fails. */
  readonly last: boolean
}

/** How a job is sent. */
export interface SendOptions {
  /** Seconds from now before which it does not run. @default 0 */
  readonly delay?: number
  /** In a queue that is {@linkcode QueueOptions.keyed}: one job of a key waits, another is not added. */
  readonly key?: string
}

/** The jobs of this process. */
export interface Jobs {
  /**
   * Makes a queue, or brings its options up to date, and runs its jobs. A handler that throws has
   * its job tried again; a dead process's job is tried again about 20 s later.
   */
  work<Data extends JobData>(
    queue: string,
    handler: (job: JobAttempt<Data>) => Promise<void>,
    options?: QueueOptions,
  ): Promise<void>
  /**
   * Adds a job within the caller's transaction: it exists if, and once, that commits. Call
   * {@linkcode wake} after the commit to have it start at once instead of at the next look.
   */
  send(executor: Executor, queue: string, data: JobData, options?: SendOptions): Promise<void>
  /** Has this process look for jobs of a queue now. */
  wake(queue: string): void
  /** Runs a job of the queue once every so many seconds over all replicas, from now on. */
  every(queue: string, seconds: number): void
  /**
   * Runs a job of the queue by a cron line (five fields, UTC), once over all replicas. A time that
   * came while no process ran is made up for once, at the next start. The line is kept in the
   * database, where the last process that says one is believed.
   *
   * @param cron undefined: from now on by no clock
   */
  schedule(queue: string, cron: string | undefined): Promise<void>
  /** Takes no more jobs and lets those that run finish. @param timeout milliseconds, then they are cut */
  stop(timeout: number): Promise<void>
}

/** Options of {@linkcode openJobs}. */
export interface JobsOptions {
  readonly database: Database
  /** Hears of failed attempts and of pg-boss's own troubles. */
  readonly onError?: (error: unknown, queue?: string) => void
  /** Measures jobs. @default nobody does, and no job knows where it came from */
  readonly observer?: JobObserver
}

/** pg-boss's tables, beside ours. */
const schema = 'pgboss'
/** Seconds without a sign of life after which a running job is given to another process. */
const heartbeat = 10
/** How much more seldom than the first the further workers of a queue look by themselves. */
const siblingPatience = 10

/** Makes pg-boss's tables where they are missing (safe for many replicas at once), and starts it. */
export async function openJobs(options: JobsOptions): Promise<Jobs> {
  const { database, onError = () => {}, observer = nobody } = options
  const boss = new PgBoss({
    db: { executeSql: (text, values) => execute(database, text, values) },
    schema,
    // A role that owns nothing may not even ask for a schema that is there: the owner has made it.
    createSchema: await lacksSchema(database),
    openTelemetry: observer.origin,
    superviseIntervalSeconds: heartbeat,
    monitorIntervalSeconds: heartbeat,
    registerInstance: false,
    // Both read catalogs that only a server with neighbours keeps.
    monitorVacuum: !database.embedded,
    reindex: !database.embedded,
  })
  boss.on('error', (error) => onError(error))
  await boss.start()

  const stopping = new AbortController()
  const workers = new Map<string, string[]>()
  const timers = new Set<NodeJS.Timeout>()

  function wake(queue: string): void {
    for (const worker of workers.get(queue) ?? []) boss.notifyWorker(worker)
  }

  async function work<Data extends JobData>(
    queue: string,
    handler: (job: JobAttempt<Data>) => Promise<void>,
    options: QueueOptions = {},
  ): Promise<void> {
    const { concurrency = 1, retries = 5, pollInterval = 1000 } = options
    const settings = {
      retryLimit: retries,
      retryDelay: options.retryDelay ?? 1,
      retryBackoff: true,
      retryDelayMax: options.retryDelayMax ?? 60,
      expireInSeconds: options.timeout ?? 60,
      heartbeatSeconds: heartbeat,
      deleteAfterSeconds: options.keep ?? 24 * 3600,
    }
    await boss.createQueue(queue, { ...settings, ...(options.keyed && { policy: 'short' }) })
    await boss.updateQueue(queue, settings)
    const ids: string[] = []
    workers.set(queue, ids)
    for (let index = 0; index < concurrency; index += 1) {
      // One worker looks often; where it finds something, it wakes the others.
      const interval = index === 0 ? pollInterval : pollInterval * siblingPatience
      const id = await boss.work<Data>(
        queue,
        { batchSize: 1, pollingIntervalSeconds: Math.max(0.5, interval / 1000) },
        async ([job]) => {
          if (job === undefined) return
          // There may be more: each worker that found one looks again without a pause.
          wake(queue)
          const { id, data, signal, retryCount } = job
          const attempt = {
            id,
            data,
            signal,
            stopping: stopping.signal,
            last: retryCount >= retries,
          }
          const run = async () => {
            try {
              await handler(attempt)
            } catch (error) {
              onError(error, queue)
              throw error
            }
          }
          try {
            await observer.onProcess(queue, { id, attempt: retryCount + 1 }, run)
          } catch (error) {
            throw new JobFailure(error)
          }
        },
      )
      ids.push(id)
    }
  }

  return {
    work,
    wake,

    async send(executor, queue, data, { delay = 0, key } = {}) {
      const options = {
        db: fromDrizzle(executor, sql),
        ...(delay > 0 && { startAfter: delay }),
        ...(key !== undefined && { singletonKey: key }),
      }
      const id = await observer.onSend(queue, () => boss.send(queue, data, options))
      if (id === null && key === undefined)
        throw new Error(`The queue ${queue} did not take the job`)
    },

    every(queue, seconds) {
      const slot = { singletonSeconds: seconds, singletonKey: 'every' }
      // Every replica asks, and the slot takes one.
      const tick = () =>
        void observer
          .onSend(queue, () => boss.send(queue, {}, slot))
          .then((id) => {
            if (id !== null) wake(queue)
          })
          .catch((error: unknown) => onError(error, queue))
      const timer = setInterval(tick, seconds * 1000)
      timer.unref()
      timers.add(timer)
      tick()
    },

    async schedule(queue, cron) {
      if (cron === undefined) await boss.unschedule(queue)
      else await boss.schedule(queue, cron, {}, { tz: 'UTC', missed: 'once' })
    },

    async stop(timeout) {
      for (const timer of timers) clearInterval(timer)
      stopping.abort()
      await boss.stop({ close: false, graceful: true, timeout })
    },
  }
}

async function lacksSchema({ client }: Database): Promise<boolean> {
  const { rows } = await client.query(`select to_regnamespace('${schema}') is null as lacking`)
  return (rows as readonly { readonly lacking: boolean }[])[0]?.lacking === true
}

/**
 * What pg-boss keeps of a failure in its tables. Only the kind: drizzle's errors carry
 * the parameters of their statement in the message.
 */
class JobFailure extends Error {
  override readonly name = 'JobFailure'

  constructor(error: unknown) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    super(`${error instanceof Error ? error.name : typeof error}${code}`)
  }
}

/**
 * Runs one of pg-boss's statements on the pool. Texts of several statements wrap themselves in BEGIN
 * and COMMIT: these are sent apart, so that the connection is given back clean after a failure.
 */
async function execute(
  { client }: Database,
  text: string,
  values: unknown[] = [],
): Promise<{ rows: unknown[] }> {
  const [, body] = values.length > 0 ? [] : (/^\s*BEGIN;([\s\S]*)COMMIT;\s*$/.exec(text) ?? [])
  if (body === undefined) return rowsOf(await client.query(text, values))
  return client.hold(
    async (held) => {
      try {
        await held.query('BEGIN')
        const result = await held.query(body)
        await held.query('COMMIT')
        return rowsOf(result)
      } catch (error) {
        await held.query('ROLLBACK').catch(() => {})
        throw recognisable(error)
      }
    },
    { label: 'pg-boss', patient: true },
  )
}

type Result = { readonly rows: unknown[] }

/** Several statements answer with a list of results. */
const rowsOf = (result: Result | readonly Result[]): Result =>
  'rows' in result ? { rows: result.rows } : { rows: result.flatMap(({ rows }) => rows) }

/**
 * pg-boss tells a lost race to create its schema by the server's own words, "already exists". A
 * session that had looked for the schema before may still remember that there was none, and then
 * runs into the catalog's unique index instead.
 */
function recognisable(error: unknown): unknown {
  if (!(error instanceof QueryError && error.cause instanceof Error)) return error
  const { code, constraint, cause } = error
  const words = code === uniqueViolation ? 'already exists' : cause.message
  return new QueryError(`${error.message}: ${words}`, { code, constraint, cause })
}

const uniqueViolation = '23505'
