import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { clients } from '#db/schema/index.ts'
import type { AuditOrigin } from '../audit/index.ts'
import type { AuthDependencies } from './dependencies.ts'

/** A tenant. */
export type Client = typeof clients.$inferSelect

/** The platform's own client, which owns what no tenant does; undefined before the first start. */
export async function platformClientId(db: Executor): Promise<string | undefined> {
  const [platform] = await db
    .select({ id: clients.id })
    .from(clients)
    .where(eq(clients.isPlatform, true))
  return platform?.id
}

/** One client; undefined where there is none. */
export async function findClient(db: Executor, id: string): Promise<Client | undefined> {
  const [client] = await db.select().from(clients).where(eq(clients.id, id))
  return client
}

/** Creates a tenant, and records it as the tenant's own first event. */
export function createClient(
  { db, audit }: Pick<AuthDependencies, 'db' | 'audit'>,
  { name }: { readonly name: string },
  origin: AuditOrigin,
): Promise<Client> {
  return db.transaction((tx) => insertClient(tx, audit, { name, isPlatform: false }, origin))
}

/** Adds a client in a transaction that is open already. */
export async function insertClient(
  tx: Executor,
  audit: AuthDependencies['audit'],
  { name, isPlatform }: Pick<Client, 'name' | 'isPlatform'>,
  origin: AuditOrigin,
): Promise<Client> {
  const client = { id: uuidv7(), name, isPlatform }
  const [row] = await tx.insert(clients).values(client).returning()
  if (row === undefined) throw new Error('The client was not inserted')
  await audit.recordWith(tx, {
    event: 'CLIENT_CREATED',
    origin: { ...origin, clientId: row.id },
    details: {},
    resource: { type: 'client', id: row.id },
  })
  return row
}

/** Locks a client's row: whatever counts its admins before it changes them takes turns. */
export async function lockClient(tx: Executor, id: string): Promise<void> {
  await tx.select({ id: clients.id }).from(clients).where(eq(clients.id, id)).for('no key update')
}
