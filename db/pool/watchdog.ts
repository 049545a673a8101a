import { DatabaseUnavailableError } from '../errors.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import type { Pool } from './pool.ts'
import { probe } from './probe.ts'

/** Options of {@linkcode watchOver}. Durations are milliseconds. */
export interface WatchdogOptions {
  readonly connection: ConnectionOptions
  /** A statement under way for so long fails whatever the server says; undefined: never. */
  readonly deadline: number | undefined
  /** Whether the server can be asked what a connection is doing. Not so the embedded database. */
  readonly ask: boolean
}

/** How often all connections in use are looked at. */
const interval = 500

/** A statement under way for so long is asked about. */
const suspicious = 2000

const askBudget = 1000

/** Between the two answers that must agree: a statement may just be ending. */
const betweenAnswers = 250

/**
 * Frees connections whose answer will never come. A network that swallows traffic leaves sockets
 * open: neither TCP nor the server's `statement_timeout` tells the client, and the slot would be
 * held for ever. So while statements take long, the server is asked, over a connection of its own,
 * whether it is working on them; a connection for which it twice is not, is destroyed.
 *
 * @returns what stops it
 */
export function watchOver(pool: Pool, options: WatchdogOptions): () => void {
  const server = probe({ ...options.connection, statementTimeout: undefined })
  let asking = false
  const timer = setInterval(() => {
    const now = performance.now()
    pool.warnOfHeld(now)
    if (options.deadline !== undefined) endOverdue(pool, now, options.deadline)
    if (!options.ask || asking) return
    const suspects = suspectsOf(pool, now)
    if (suspects.length === 0) return server.close()
    asking = true
    judge(suspects)
      .catch(() => {
        // No answer is no verdict: the next round asks again.
      })
      .finally(() => {
        asking = false
      })
  }, interval)
  timer.unref()

  async function judge(suspects: readonly Suspect[]): Promise<void> {
    const first = await idleOnServer(suspects)
    if (first.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, betweenAnswers))
    const lost = await idleOnServer(first)
    if (lost.length === 0) return
    for (const { connection } of lost)
      pool.destroy(
        connection,
        new DatabaseUnavailableError(
          'The database lost this connection: whether the statement was carried out is not known',
          { outcomeUnknown: true },
        ),
      )
    pool.distrustIdle()
  }

  /** Those that the server is not working for, and that still wait for the same answer. */
  async function idleOnServer(suspects: readonly Suspect[]): Promise<Suspect[]> {
    const { rows } = await server.ask(
      {
        text: `select pid from pg_stat_activity where pid = any($1::int[]) and state in ('active', 'fastpath function call')`,
        values: [suspects.map(({ pid }) => pid)],
        rowMode: 'array',
      },
      askBudget,
    )
    const busy = new Set(rows.map((row) => (Array.isArray(row) ? row[0] : undefined)))
    return suspects.filter(
      ({ pid, since, connection }) => !busy.has(pid) && connection.busySince === since,
    )
  }

  return () => {
    clearInterval(timer)
    server.close()
  }
}

interface Suspect {
  readonly connection: Connection
  readonly pid: number
  readonly since: number
}

function suspectsOf(pool: Pool, now: number): Suspect[] {
  const suspects: Suspect[] = []
  for (const [connection] of pool.inUse()) {
    const { pid, busySince: since } = connection
    if (pid !== undefined && since !== undefined && now - since > suspicious)
      suspects.push({ connection, pid, since })
  }
  return suspects
}

function endOverdue(pool: Pool, now: number, deadline: number): void {
  for (const [connection, { patient }] of pool.inUse()) {
    const since = connection.busySince
    if (patient || since === undefined || now - since < deadline) continue
    pool.destroy(
      connection,
      new DatabaseUnavailableError(`The database gave no answer within ${deadline} ms`, {
        outcomeUnknown: true,
      }),
    )
  }
}
