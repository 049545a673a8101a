/** Whether the service can do its work: what probes, operators and dashboards ask. */

/** `warn` still serves: something is wrong that the service works without. */
export type HealthStatus = 'pass' | 'warn' | 'fail'

/** One thing that was looked at. */
export interface HealthCheck {
  readonly status: HealthStatus
  /** How long the look took; 0 for what is known without asking. */
  readonly latencyMs: number
  /** Why it is not `pass`, in a few words that tell nothing about the inside. */
  readonly reason?: string
}

/** All that was looked at, and the worst of it. */
export interface HealthReport {
  readonly status: HealthStatus
  readonly checks: Readonly<Record<string, HealthCheck>>
}

/** What the database says of itself; see `Database.check`. */
export interface DatabaseHealth {
  readonly status: 'pass' | 'fail'
  readonly latencyMs: number
  readonly migrated: boolean
  /** Whether the server ends statements that take too long. */
  readonly bounded?: boolean
  readonly reason?: string
}

/** What {@linkcode healthChecks} looks at. */
export interface HealthSources {
  /** Cached and bounded by the database itself: probes cost it next to nothing. */
  readonly database: () => Promise<DatabaseHealth>
  /** True from the stop signal on. */
  readonly draining: () => boolean
  /** 99th percentile of the event loop's recent delay, in milliseconds. */
  readonly eventLoopDelay: () => number
  /** Further things that only warn: what is wrong with each, or undefined. @default none */
  readonly warnings?: () => Readonly<Record<string, string | undefined>>
}

/** An answer later than this is no answer: probes give up after a second. */
export const timeLimit = 900

/** The event loop is late enough for clients to notice. */
const highDelay = 200

/** Makes the function that looks at everything. It never throws and never takes a second. */
export function healthChecks(sources: HealthSources): () => Promise<HealthReport> {
  return async () => {
    const checks: Record<string, HealthCheck> = {
      ...databaseChecks(await within(timeLimit, sources.database(), unknown)),
      shutdown: sources.draining()
        ? { status: 'fail', latencyMs: 0, reason: 'the service is stopping' }
        : { status: 'pass', latencyMs: 0 },
      eventLoop:
        sources.eventLoopDelay() > highDelay
          ? { status: 'warn', latencyMs: 0, reason: 'the event loop is late' }
          : { status: 'pass', latencyMs: 0 },
    }
    for (const [name, reason] of Object.entries(sources.warnings?.() ?? {}))
      checks[name] =
        reason === undefined
          ? { status: 'pass', latencyMs: 0 }
          : { status: 'warn', latencyMs: 0, reason }
    return { status: worst(Object.values(checks)), checks }
  }
}

function databaseChecks({ status, latencyMs, migrated, bounded, reason }: DatabaseHealth) {
  const database: HealthCheck = { status, latencyMs, ...(reason !== undefined && { reason }) }
  if (status === 'fail') return { database }
  const migrations: HealthCheck = migrated
    ? { status: 'pass', latencyMs }
    : { status: 'fail', latencyMs, reason: 'migrations are missing: run caly migrate' }
  if (bounded === undefined) return { database, migrations }
  // The client still gives up, a little later; but the server would go on working for nobody.
  const statementTimeout: HealthCheck = bounded
    ? { status: 'pass', latencyMs }
    : { status: 'warn', latencyMs, reason: 'the role has no statement_timeout: see README' }
  return { database, migrations, statementTimeout }
}

const unknown = (reason: string): DatabaseHealth => ({
  status: 'fail',
  latencyMs: timeLimit,
  migrated: false,
  reason,
})

/**
 * What a check says, or what its silence or failure says.
 *
 * @param limit milliseconds
 */
export async function within<Result>(
  limit: number,
  check: Promise<Result>,
  failed: (reason: string) => Result,
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limited = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(failed('no answer in time')), limit)
  })
  try {
    return await Promise.race([check, limited])
  } catch {
    return failed('the check failed')
  } finally {
    clearTimeout(timer)
  }
}

/** The worst of all checks. */
export function worst(checks: readonly HealthCheck[]): HealthStatus {
  const statuses = checks.map(({ status }) => status)
  return statuses.includes('fail') ? 'fail' : statuses.includes('warn') ? 'warn' : 'pass'
}
