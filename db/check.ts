import { codeOf } from './errors.ts'
import { type ConnectionOptions, probe } from './pool/index.ts'

/** Whether the database answers. */
export interface DatabaseCheck {
  readonly status: 'pass' | 'fail'
  /** Milliseconds that the answer took. */
  readonly latencyMs: number
  /** Whether all of this build's migrations are applied; false also when nobody can say. */
  readonly migrated: boolean
  /**
   * Whether the server itself ends a statement that takes too long; undefined when nobody can say,
   * and for the embedded database, which never does.
   */
  readonly bounded?: boolean
  /** Why it failed, in a word that names nothing inside: `timeout`, `refused`, `error`. */
  readonly reason?: string
}

/** Options of {@linkcode databaseCheck}. */
export interface DatabaseCheckOptions {
  readonly connection: ConnectionOptions
  /** The migration that must be applied. */
  readonly latestMigration: string
  /** The embedded database knows the server's limit on statements, and does not keep it. */
  readonly embedded: boolean
}

/** A kubelet gives a probe one second. */
const budget = 800

/** For so long an answer is given again: a thousand probes a second cost two statements. */
const freshness = 500

/** A limit of 0 is none: so it is behind a transaction pooler, unless the role has one of its own. */
const text = `
  select exists (select 1 from caly_migrations where tag = $1) as migrated,
         current_setting('statement_timeout') <> '0' as bounded`

const undefinedTable = '42P01'

/** A check on a connection of its own, so that a busy pool is not taken for a dead database. */
export function databaseCheck({ connection, latestMigration, embedded }: DatabaseCheckOptions) {
  const server = probe(connection)
  let last: { readonly check: DatabaseCheck; readonly at: number } | undefined
  let running: Promise<DatabaseCheck> | undefined

  async function look(): Promise<DatabaseCheck> {
    const start = performance.now()
    const took = () => Math.round((performance.now() - start) * 10) / 10
    try {
      const { rows } = await server.ask({ text, values: [latestMigration] }, budget)
      const [row] = rows as readonly { readonly migrated: boolean; readonly bounded: boolean }[]
      return {
        status: 'pass',
        latencyMs: took(),
        migrated: row?.migrated === true,
        ...(row !== undefined && !embedded && { bounded: row.bounded }),
      }
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
