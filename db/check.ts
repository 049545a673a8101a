import { codeOf } from './errors.ts'
import { type ConnectionOptions, probe } from './pool/index.ts'

/** Whether the database answers. */
export interface DatabaseCheck {
  readonly status: 'pass' | 'fail'
  /** Milliseconds that the answer took. */
  readonly latencyMs: number
  /** Whether all of this build's migrations are applied; false also when nobody can say. */
  readonly migrated: boolean
  /** Why it failed, in a word that names nothing inside: `timeout`, `refused`, `error`. */
  readonly reason?: string
}

/** Options of {@linkcode databaseCheck}. */
export interface DatabaseCheckOptions {
  readonly connection: ConnectionOptions
  /** The migration that must be applied. */
  readonly latestMigration: string
}

/** A kubelet gives a probe one second. */
const budget = 800

/** For so long an answer is given again: a thousand probes a second cost two statements. */
const freshness = 500

const undefinedTable = '42P01'

/** A check on a connection of its own, so that a busy pool is not taken for a dead database. */
export function databaseCheck({ connection, latestMigration }: DatabaseCheckOptions) {
  const server = probe(connection)
  let last: { readonly check: DatabaseCheck; readonly at: number } | undefined
  let running: Promise<DatabaseCheck> | undefined

  async function look(): Promise<DatabaseCheck> {
    const start = performance.now()
    const took = () => Math.round((performance.now() - start) * 10) / 10
    try {
      const { rows } = await server.ask(
        { text: 'select 1 from caly_migrations where tag = $1', values: [latestMigration] },
        budget,
      )
      return { status: 'pass', latencyMs: took(), migrated: rows.length > 0 }
    } catch (error) {
      if (codeOf(error) === undefinedTable)
        return { status: 'pass', latencyMs: took(), migrated: false }
      return { status: 'fail', latencyMs: took(), migrated: false, reason: reasonOf(error) }
    }
  }

  return {
    /** Never throws; answers within the budget whatever hangs. */
    check(): Promise<DatabaseCheck> {
      if (last !== undefined && performance.now() - last.at < freshness)
        return Promise.resolve(last.check)
      running ??= look().then((check) => {
        last = { check, at: performance.now() }
        running = undefined
        return check
      })
      return running
    },
    close: () => server.close(),
  }
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'CONNECT_TIMEOUT':
    case undefined:
      return 'timeout'
    case 'ECONNREFUSED':
    case 'ENOENT':
      return 'refused'
    default:
      return 'error'
  }
}
