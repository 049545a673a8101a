/** A database with calls and an API key, of which each server gets a copy of its own. */
import { randomBytes } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { adminOf, type Client } from '../support/client.ts'
import { fillDataDir, openDatabaseOf, databaseSettings as settings } from '../support/database.ts'
import { eventually, startCaly } from '../support/process.ts'
import { migratedTemplate } from '../support/template.ts'
import { answering, type Variables } from './processes.ts'
import type { Site } from './site.ts'

/** What is asked with, and copies to ask. */
export interface Filled {
  /** Whether the databases are on a PostgreSQL; else they are embedded. */
  readonly onServer: boolean
  /** The database in words. */
  readonly database: string
  /** A key that may read and place calls. */
  readonly key: string
  /** Whose calls they are. */
  readonly clientId: string
  readonly admin: { readonly email: string; readonly password: string }
  /** Variables of a server that gets a copy. */
  copy(): Promise<Variables>
}

/** Numbers that the simulator answers at once, and plays the whole call for. */
export const call = { from: '+919999900001', to: '+919999900010' }

/** More than one page of the list. */
const calls = 25

/** Every limit is raised for the run, and none is off. */
export const raisedLimits = Object.fromEntries(
  ['RATE_LIMIT_GLOBAL', 'RATE_LIMIT_API', 'RATE_LIMIT_AUTH', 'EXOTEL_RATE_LIMIT'].map((name) => [
    name,
    '999999999/1m',
  ]),
)

/**
 * Starts Caly once, places calls and makes a key as a client would, and stops it.
 *
 * @param server a PostgreSQL; undefined: everything is embedded
 */
export async function fill(site: Site, server: string | undefined): Promise<Filled> {
  const folder = await site.folder()
  const url = server && (await site.database(server, await migratedTemplate(server, settings)))
  if (url === undefined) await fillDataDir(folder)
  const env = {
    CALY_DATA_DIR: folder,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    ...raisedLimits,
  }
  const caly = await startCaly({
    // An empty variable counts as none, also where the tests have a server.
    env: { ...env, DATABASE_URL: url ?? '', SIMULATOR_STEP: '20' },
    runtime: 'bun',
    ready: false,
  })
  site.processes.adopt(caly.child)
  await answering(new URL('/health/ready', caly.baseUrl), caly.child)
  const key = await placeCalls(await adminOf(caly))
  const rows = await openDatabaseOf({ dataDir: folder, env: url ? { DATABASE_URL: url } : {} })
  const [first] = await rows.query('select client_id from calls limit 1')
  await rows.close()
  await caly.stop()
  return {
    onServer: url !== undefined,
    database: url === undefined ? 'the embedded database' : 'PostgreSQL',
    key,
    clientId: String(first?.['client_id']),
    admin: caly.admin,
    async copy() {
      const own = await site.folder()
      if (server === undefined || url === undefined)
        await cp(folder, own, { recursive: true, force: true })
      const template = url && new URL(url).pathname.slice(1)
      return {
        ...env,
        CALY_DATA_DIR: own,
        ...(server !== undefined && { DATABASE_URL: await site.database(server, template) }),
      }
    },
  }
}

/** @returns a key of the client whose calls they are */
async function placeCalls(admin: Client): Promise<string> {
  const scopes = ['calls:read', 'calls:write']
  const { key } = (await admin('POST', '/api/keys', { name: 'bench', scopes })).body
  for (let count = 0; count < calls; count++)
    await admin('POST', '/api/calls', { ...call, customField: `order ${count}` })
  await eventually(
    () => admin('GET', `/api/calls?limit=${calls}`),
    ({ body }) => body.items.every(({ endedAt }: { endedAt: unknown }) => endedAt !== null),
    30_000,
  )
  return String(key)
}
