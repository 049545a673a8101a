/**
 * Databases with every table, made once a machine and then copied: migrating each test's own costs
 * more than most tests do. What they are made of is in their name, so that a change makes new ones.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DatabaseOptions, openDatabase } from '../../db/database.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { Config } from '../../src/config.ts'
import { administer, ask } from './administer.ts'
import { scratchFolder, scratchRoot } from './scratch.ts'

/** A name for what migrations and jobs make of an empty database. */
const fingerprint = (() => {
  const folder = new URL('../../db/', import.meta.url)
  const sql = readdirSync(new URL('migrations/', folder)).filter((name) => name.endsWith('.sql'))
  const files = [...sql.sort().map((name) => `migrations/${name}`), 'migrate.ts', 'jobs.ts']
  const hash = createHash('sha256').update(manifest.dependencies['pg-boss'])
  for (const file of files) hash.update(readFileSync(new URL(file, folder)))
  return hash.digest('hex').slice(0, 12)
})()

const pglite = manifest.dependencies['@electric-sql/pglite']

/**
 * A data folder as the embedded database leaves it at its very first start, which takes seconds:
 * made once a machine, and copied.
 */
export const emptyCluster = (settings: Config['database']): Promise<string> =>
  folderOnce(`caly-test-cluster-${pglite}`, (dataDir) => fill({ settings, dataDir }, false))

/** The same with every table. */
export const migratedCluster = (settings: Config['database']): Promise<string> =>
  folderOnce(`caly-test-cluster-${pglite}-${fingerprint}`, (dataDir) =>
    fill({ settings, dataDir }, true),
  )

const templates = new Map<string, Promise<string>>()

/** The name of a database with every table on a server, to be copied: nobody connects to it. */
export function migratedTemplate(serverUrl: string, settings: Config['database']): Promise<string> {
  const known = templates.get(serverUrl)
  if (known) return known
  const made = makeTemplate(serverUrl, settings)
  templates.set(serverUrl, made)
  return made
}

async function makeTemplate(serverUrl: string, settings: Config['database']): Promise<string> {
  const name = `caly_test_template_${fingerprint}`
  const found = await ask(serverUrl, `select from pg_database where datname = '${name}'`)
  if (found.length > 0) return name
  const draft = `caly_test_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
  await administer(serverUrl, `create database ${draft}`)
  const url = new URL(serverUrl)
  url.pathname = `/${draft}`
  await fill({ settings: { ...settings, url: url.href }, dataDir: tmpdir() }, true)
  await administer(serverUrl, `alter database ${draft} allow_connections false`)
  // Of those who make it at the same time one keeps it.
  await administer(serverUrl, `alter database ${draft} rename to ${name}`).catch(() =>
    administer(serverUrl, `drop database ${draft} with (force)`),
  )
  return name
}

async function folderOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const kept = join(scratchRoot(), name)
  if (existsSync(kept)) return kept
  const made = await scratchFolder('caly-test-')
  await make(made)
  // Of those who make it at the same time one keeps it.
  await rename(made, kept).catch(() => rm(made, { recursive: true, force: true }))
  return kept
}

async function fill(
  options: Pick<DatabaseOptions, 'settings' | 'dataDir'>,
  migrated: boolean,
): Promise<void> {
  const database = await openDatabase(options)
  try {
    if (!migrated) return
    await database.migrate()
    // Only here: most tests have no jobs, and should not load them.
    const { openJobs } = await import('../../db/jobs.ts')
    await (await openJobs({ database })).stop(10_000)
  } finally {
    await database.close()
  }
}
