import { eq, sql } from 'drizzle-orm'
import type { Drizzle, Executor } from '#db/database.ts'
import { clients, users } from '#db/schema/index.ts'
import type { AuditTrail } from '../audit/index.ts'
import { passwordFault, wordsOf } from '../hooks/validation/index.ts'
import { insertClient } from './clients.ts'
import { insertKey } from './keys/keys.ts'
import { type PasswordHasher, randomPassword } from './passwords/index.ts'
import { scopes } from './scopes.ts'
import { insertUser } from './users/create.ts'

/** Options of {@linkcode firstClient}. */
export interface FirstClientOptions {
  readonly db: Drizzle
  readonly audit: AuditTrail
  readonly hasher: PasswordHasher
  /** The first admin's, from the environment. @default a well-known e-mail, a random password */
  readonly admin?: { readonly email: string; readonly password: string } | undefined
  /** Whether nothing may be made up that a person would have to be shown. */
  readonly production: boolean
}

/** The first admin cannot be made as the environment wants it; the message says what to set. */
export class FirstAdminError extends Error {
  override readonly name = 'FirstAdminError'
}

/** What a new user is shown once. */
export interface FirstCredentials {
  readonly clientId: string
  readonly email: string
  readonly password: string
  /** Has every scope. */
  readonly apiKey: string
}

const defaultEmail = 'admin@caly.localhost'

/** Any number that no other advisory lock of Caly has ("caly" and "auth" in ASCII). */
const lockId = sql`x'63616c7961757468'::bit(64)::bigint`

/**
 * Makes the platform's own client where there is none, and its first admin with an API key where
 * it has no user. Replicas that start together do it once. In production only what the environment
 * names is made: the admin, if given, and no key.
 *
 * @returns what to show, once; undefined where nothing was made up or all was there already
 * @throws {FirstAdminError} if the password that the environment names is among the first to be guessed
 */
export function firstClient(options: FirstClientOptions): Promise<FirstCredentials | undefined> {
  const { db, audit, hasher, admin, production } = options
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${lockId})`)
    const clientId = await platformClient(tx, audit)
    if (production && admin === undefined) return undefined
    const [anybody] = await tx
      .select({ id: users.id })
      .from(users)
      .where(eq(users.clientId, clientId))
      .limit(1)
    if (anybody) return undefined

    const { email, password } = admin ?? { email: defaultEmail, password: randomPassword() }
    const fault = passwordFault(password, wordsOf(email))
    if (fault) throw new FirstAdminError(`CALY_ADMIN_PASSWORD must be ${fault.expected}`)
    const passwordHash = await hasher.hash(password)
    await insertUser(
      tx,
      audit,
      { clientId, email, name: 'Administrator', role: 'admin', passwordHash },
      system,
    )
    if (production) return undefined
    const { key } = await insertKey(
      tx,
      audit,
      { clientId, name: 'First key', scopes, createdBy: null },
      system,
    )
    return { clientId, email, password, apiKey: key }
  })
}

const system = { actorType: 'system' } as const

async function platformClient(tx: Executor, audit: AuditTrail): Promise<string> {
  const [known] = await tx
    .select({ id: clients.id })
    .from(clients)
    .where(eq(clients.isPlatform, true))
  const client =
    known ?? (await insertClient(tx, audit, { name: 'Platform', isPlatform: true }, system))
  return client.id
}
