/**
 * What the audit trail bears, on the PostgreSQL of `TEST_DATABASE_URL` (else on the embedded database,
 * which is no measure of a real one).
 */
import { cpus } from 'node:os'
import process from 'node:process'
import { openTestDatabase } from '../../support/database.ts'
import { benchPages } from './pages.ts'
import { benchSeals } from './seals.ts'
import { benchWriter } from './writer.ts'

/** What a part may be told. */
export interface BenchOptions {
  /** How long a load lasts. */
  readonly seconds: number
  /** How many rows pages are taken out of. */
  readonly rows: number
}

/** Each gives the lines that it found. */
const parts: Readonly<Record<string, (options: BenchOptions) => Promise<readonly string[]>>> = {
  writer: benchWriter,
  seals: benchSeals,
  pages: benchPages,
}

/** Runs the parts, or the one that is named, and prints what they found. */
export async function benchAudit(options: BenchOptions, part?: string): Promise<void> {
  const chosen = Object.entries(parts).filter(([name]) => part === undefined || part === name)
  if (chosen.length === 0) throw new Error(`The parts are ${Object.keys(parts).join(', ')}`)
  const line = (text: string) => process.stdout.write(`${text}\n`)
  line(`Bun ${process.versions['bun']}, ${await server()}, ${cpus().length} × ${cpus()[0]?.model}`)
  for (const [name, run] of chosen) {
    line(`\n${name}`)
    for (const found of await run(options)) line(`  ${found}`)
  }
}

async function server(): Promise<string> {
  const test = await openTestDatabase({ migrate: false })
  try {
    const { rows } = await test.database.client.query(
      `select current_setting('server_version') as version, current_setting('fsync') as fsync`,
    )
    const [row] = rows as { version: string; fsync: string }[]
    return `PostgreSQL ${row?.version} (fsync ${row?.fsync})`
  } finally {
    await test.close()
  }
}
