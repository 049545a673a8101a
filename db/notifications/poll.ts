import { Connection, type ConnectionOptions, type StatementResult } from '../pool/index.ts'
import { type ChangeSource, inTime, type OnChange, readChange } from './source.ts'

/** Options of {@linkcode pollForChanges}. */
export interface PollOptions {
  readonly connection: ConnectionOptions
  readonly onChange: OnChange
  /** Gives the attempt up. */
  readonly signal: AbortSignal
}

/**
 * The changes of transactions that were not over when the table was last read, and from where to read
 * the next time. Whatever is below the horizon is over, and what is not committed yet is above it.
 */
const text = `
  select pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
         change.id::text as id, change.kind, change.subject::text as subject
  from (values (1)) as always
  left join auth_changes as change on change.xact >= $1::xid8`

/**
 * Reads the table of changes on a connection of its own, which may lead through a pooler. A change is
 * told once, although it is read again while an older transaction is open.
 *
 * @throws {DatabaseLayerError} if the connection cannot be made
 */
export async function pollForChanges(options: PollOptions): Promise<ChangeSource> {
  const connection = await Connection.open(options.connection, options.signal)
  let horizon: string | null = null
  let told = new Set<string>()

  async function ask(): Promise<void> {
    const { rows } = await inTime(connection, () => connection.run({ text, values: [horizon] }))
    const read = new Set<string>()
    for (const { id, kind, subject, ...row } of rowsOf(rows)) {
      horizon = row.horizon
      if (id === null) continue
      read.add(id)
      const change = readChange(kind, subject)
      if (change && !told.has(id)) options.onChange(change)
    }
    told = read
  }

  try {
    // From here on: what was committed before is in whatever is read from now on.
    await ask()
  } catch (error) {
    connection.destroy()
    throw error
  }
  return { kind: 'polling', interval: 400, ask, close: () => connection.destroy() }
}

interface Row {
  readonly horizon: string
  readonly id: string | null
  readonly kind: string | null
  readonly subject: string | null
}

const rowsOf = (rows: StatementResult['rows']) => rows as readonly Row[]
