import { Worker } from 'node:worker_threads'
import { OverloadedError } from '../../errors.ts'
import { isComparablePassword } from '../../hooks/validation/index.ts'
import type { PasswordJob, PasswordResult } from './argon2.ts'
import { dummyHash } from './phc.ts'
import { normalizePassword } from './spelling.ts'

/** Options of {@linkcode passwordHasher}. */
export interface PasswordHasherOptions {
  /**
   * Jobs that may wait. Each takes about 50 ms, so the last of 32 waits for 1.6 s. @default {32}
   */
  readonly maxQueue?: number
  /** The thread's entry. @default `worker.ts` beside this file */
  readonly worker?: URL
  /** Milliseconds without a job after which the thread ends: it holds 20 MB. @default 60_000 */
  readonly idle?: number
}

/** Hashes and compares passwords, outside of the event loop. */
export interface PasswordHasher {
  /**
   * The Argon2id hash of a password, as a PHC string.
   *
   * @throws {OverloadedError} if too many jobs wait, or after `close`
   * @throws {Error} if the thread broke during the job
   */
  hash(password: string): Promise<string>
  /**
   * Whether a password is the one behind a hash. Without a hash (no such user) the answer is no,
   * after the same work. Throws as `hash` does.
   *
   * @param urgent goes before what is not, and takes the last place of the queue from it: a flood of
   *   strangers' logins does not keep out those who are known. @default false
   */
  verify(phc: string | undefined, password: string, urgent?: boolean): Promise<boolean>
  /** Jobs that wait or run. */
  readonly pending: number
  /** Ends the thread; jobs that wait or run fail. */
  close(): Promise<void>
}

interface QueuedJob {
  readonly job: PasswordJob
  readonly urgent: boolean
  readonly resolve: (value: string | boolean) => void
  readonly reject: (error: Error) => void
}

/**
 * Hashes passwords with Argon2id in one thread with a bounded queue: a flood of logins is refused
 * instead of stalling other requests or filling the memory. The thread starts with the first job,
 * keeps no process alive while idle, ends after a while without work, and is replaced if it breaks.
 *
 * @throws {RangeError} if `maxQueue` is not a whole number from 1 up
 */
export function passwordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { maxQueue = 32, worker: entry = new URL('./worker.ts', import.meta.url) } = options
  const { idle = 60_000 } = options
  if (!(Number.isSafeInteger(maxQueue) && maxQueue >= 1))
    throw new RangeError(`maxQueue must be a whole number from 1 up, got ${maxQueue}`)
  const waiting: QueuedJob[] = []
  let running: QueuedJob | undefined
  let thread: Worker | undefined
  let resting: NodeJS.Timeout | undefined
  let closed = false

  /** Ends the running job; the queue moves on. */
  function settle(finish: (job: QueuedJob) => void): void {
    const job = running
    running = undefined
    // An idle thread keeps no process alive, a busy one does: `caly users create` awaits it.
    thread?.unref()
    if (job) finish(job)
    next()
  }

  function start(): Worker {
    const started = new Worker(entry)
    const broken = (error: Error) => {
      if (thread !== started) return
      thread = undefined
      settle(({ reject }) => reject(error))
    }
    started.on('message', (result: PasswordResult) => {
      if (thread !== started) return
      settle(({ resolve, reject }) => {
        if ('value' in result) resolve(result.value)
        else reject(new Error(`The password could not be hashed (${result.failed})`))
      })
    })
    started.on('error', (cause) => {
      broken(new Error('The password thread broke', { cause }))
      void started.terminate()
    })
    started.on('exit', (code) => broken(new Error(`The password thread ended (${code})`)))
    return started
  }

  /** Ends the thread, which has no job; the next one starts another. */
  function end(): Promise<unknown> | undefined {
    const ended = thread
    thread = undefined
    return ended?.terminate()
  }

  function next(): void {
    if (running !== undefined) return
    running = waiting.shift()
    clearTimeout(resting)
    if (running === undefined) {
      if (thread) resting = setTimeout(() => void end(), idle).unref()
      return
    }
    thread ??= start()
    thread.ref()
    thread.postMessage(running.job)
  }

  function run(job: PasswordJob, urgent = false): Promise<string | boolean> {
    if (waiting.length >= maxQueue && urgent && waiting.at(-1)?.urgent === false)
      waiting.pop()?.reject(tooMany())
    if (closed || waiting.length >= maxQueue) return Promise.reject(tooMany())
    return new Promise((resolve, reject) => {
      const behind = urgent ? waiting.findIndex((other) => !other.urgent) : -1
      waiting.splice(behind < 0 ? waiting.length : behind, 0, { job, urgent, resolve, reject })
      next()
    })
  }

  return {
    async hash(password) {
      return String(await run({ task: 'hash', password: normalizePassword(password) }))
    },
    async verify(phc, password, urgent) {
      const comparable = password !== '' && isComparablePassword(password)
      const given = comparable ? normalizePassword(password) : 'no password at all'
      const right = await run({ task: 'verify', password: given, phc: phc ?? dummyHash }, urgent)
      return right === true && comparable && phc !== undefined
    },
    get pending() {
      return waiting.length + (running === undefined ? 0 : 1)
    },
    async close() {
      closed = true
      clearTimeout(resting)
      const ended = end()
      const failed = [...(running ? [running] : []), ...waiting.splice(0)]
      running = undefined
      for (const { reject } of failed) reject(new OverloadedError('The service is stopping'))
      await ended
    },
  }
}

const tooMany = () => new OverloadedError('Too many logins at once: try again shortly')
