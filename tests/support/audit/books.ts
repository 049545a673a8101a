/** Runs hammers, and holds what they were told against the table. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase } from '../../../db/database.ts'
import { databaseSettings } from '../database.ts'
import { testedRuntime } from '../process.ts'

const script = join(dirname(fileURLToPath(import.meta.url)), 'hammer.ts')

/** A running hammer. */
export interface Hammer {
  readonly child: ChildProcess
  /** Resolves once it records. */
  readonly ready: Promise<void>
  /** Resolves with its exit code. */
  readonly exited: Promise<number | null>
}

/** How books and table agree. */
export interface Balance {
  readonly begun: number
  readonly acknowledged: number
  readonly refused: number
  /** Rows of these events in the table. */
  readonly inTable: number
  /** Events that were acknowledged and are not there: must be none. */
  readonly lost: readonly string[]
  /** Rows of events that nobody began, or of which there are two: must be none. */
  readonly surplus: number
  /** Rows that were neither acknowledged nor refused: their process died in between. */
  readonly unheard: number
}

/** Books over one database. */
export interface Books {
  readonly folder: string
  /** @param databaseUrl the way there, where it is not the straight one */
  hammer(env?: Readonly<Record<string, string>>): Hammer
  /** Files of rows that wait on disk. */
  spooled(): Promise<readonly string[]>
  balance(): Promise<Balance>
  query(text: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

/** Opens books, with the tables made. */
export async function openBooks(databaseUrl: string): Promise<Books> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-books-'))
  const spool = join(folder, 'spool')
  const book = join(folder, 'book')
  await writeFile(book, '')
  let database: Database | undefined
  const open = async () => {
    database ??= await openDatabase({
      settings: { ...databaseSettings, url: databaseUrl },
      dataDir: folder,
    })
    return database
  }
  await (await open()).migrate()
  const children = new Set<ChildProcess>()
  const query = async (text: string) => {
    const { rows } = await (await open()).client.query(text)
    return rows as Record<string, unknown>[]
  }
  return {
    folder,
    query,
    hammer(env = {}) {
      const deno = testedRuntime === 'deno'
      const child = spawn(
        deno ? 'deno' : process.execPath,
        deno ? ['run', '-A', '--unstable-no-legacy-abort', script] : [script],
        {
          env: {
            PATH: process.env['PATH'] ?? '',
            HOME: process.env['HOME'] ?? '',
            DATABASE_URL: databaseUrl,
            SPOOL: spool,
            BOOK: book,
            ...env,
          },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      children.add(child)
      const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
      const ready = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
      return { child, ready, exited }
    },
    async spooled() {
      const names = await readdir(spool).catch(() => [])
      return names.filter((name) => name.endsWith('.segment'))
    },
    async balance() {
      const lines = (await readFile(book, 'utf8')).split('\n')
      const marked = (mark: string) =>
        lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1))
      const begun = new Set(marked('+'))
      const acknowledged = marked('=')
      const refused = new Set(marked('-'))
      const rows = await query(
        `select id::text, count(*)::int as count from audit_logs
         where event_type = 'ACCESS_DENIED' group by id`,
      )
      const table = new Map(rows.map(({ id, count }) => [String(id), Number(count)]))
      const heard = new Set([...acknowledged, ...refused])
      return {
        begun: begun.size,
        acknowledged: acknowledged.length,
        refused: refused.size,
        inTable: table.size,
        lost: acknowledged.filter((id) => !table.has(id)),
        surplus: [...table].filter(([id, count]) => count !== 1 || !begun.has(id)).length,
        unheard: [...table.keys()].filter((id) => !heard.has(id)).length,
      }
    },
    async close() {
      for (const child of children) child.kill('SIGKILL')
      await database?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
