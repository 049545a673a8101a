/**
 * Two clients that are made for a run and removed after it: what belongs to one is tried with the keys
 * of the other. Their keys end by themselves, should nobody come to remove them.
 */
import { randomBytes } from 'node:crypto'
import { and, eq, lt } from 'drizzle-orm'
import type { Keyring } from '#db/keyring.ts'
import { clients } from '#db/schema/index.ts'
import {
  type AuthDependencies,
  createClient,
  createKey,
  createUser,
  grantable,
  removeClient,
  type Scope,
} from '../auth/index.ts'
import { insertSampleCall, removeCallsOf } from '../calls/index.ts'
import type { Guest, Guests } from './check.ts'
import type { Credential } from './http.ts'

/** What such clients, and all that they have, are called. */
const guestName = 'caly readiness, to be removed'

/** Milliseconds that their keys are good for. */
const lifetime = 15 * 60_000

/** Milliseconds after which those of a run that was killed are taken away by the next. */
const forgotten = 60 * 60_000

/** Who does it, in the trail. */
const origin = { actorType: 'shell' } as const

/** Makes two clients, does the work, and removes them. */
export async function withGuests<Result>(
  dependencies: AuthDependencies,
  keyring: Keyring,
  work: (guests: Guests) => Promise<Result>,
): Promise<Result> {
  await removeForgotten(dependencies)
  const one = await makeGuest(dependencies, keyring, 'one client')
  try {
    const other = await makeGuest(dependencies, keyring, 'another client')
    try {
      return await work({ one, other })
    } finally {
      await removeGuest(dependencies, other.clientId)
    }
  } finally {
    await removeGuest(dependencies, one.clientId)
  }
}

async function makeGuest(
  dependencies: AuthDependencies,
  keyring: Keyring,
  who: string,
): Promise<Guest> {
  const { db, now } = dependencies
  const { id: clientId } = await createClient(dependencies, { name: guestName }, origin)
  const keyWith = async (
    scopes: readonly Scope[],
    what: string,
    expiresAt = new Date(now() + lifetime),
  ): Promise<Credential & { readonly id: string }> => {
    const { row, key } = await createKey(
      dependencies,
      { clientId, name: guestName, scopes, expiresAt, createdBy: null },
      origin,
    )
    return { id: row.id, name: `a key of ${who}${what}`, secret: key }
  }
  const password = randomBytes(24).toString('base64url')
  const email = `readiness-${clientId}@readiness.invalid`
  const user = { clientId, email, name: guestName, role: 'operator', password } as const
  await createUser(dependencies, user, origin)
  return {
    ...{ clientId, email, password },
    key: await keyWith(grantable(false), ''),
    reader: await keyWith(['calls:read', 'keys:write'], ' that may read calls and make keys'),
    busy: await keyWith(['calls:read'], ' that asks a lot'),
    expired: await keyWith(['calls:read'], ' that has expired', new Date(now() - 1000)),
    callId: await insertSampleCall(db, keyring, clientId),
  }
}

async function removeGuest(dependencies: AuthDependencies, id: string): Promise<void> {
  const revoked = await dependencies.db.transaction(async (tx) => {
    await removeCallsOf(tx, id)
    return removeClient(tx, dependencies, id, origin)
  })
  for (const key of revoked) dependencies.onChange({ kind: 'key', id: key })
}

async function removeForgotten(dependencies: AuthDependencies): Promise<void> {
  const { db, now } = dependencies
  const left = await db
    .select({ id: clients.id })
    .from(clients)
    .where(and(eq(clients.name, guestName), lt(clients.createdAt, new Date(now() - forgotten))))
  for (const { id } of left) await removeGuest(dependencies, id)
}
