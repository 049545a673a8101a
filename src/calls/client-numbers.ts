/** Which client an ExoPhone belongs to: calls that come in over it become that client's. */
import { and, asc, eq } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { clientNumbers } from '#db/schema/index.ts'
import type { AuditOrigin, AuditTrail } from '../audit/index.ts'
import { ConflictError, NotFoundError } from '../errors.ts'

/** What numbers are kept with. */
export interface ClientNumberDependencies {
  readonly db: Drizzle
  readonly audit: AuditTrail
}

/** A number (E.164) of a client. */
export interface ClientNumber {
  readonly number: string
  readonly clientId: string
}

/**
 * Gives a number to a client. The trail has it without the number.
 *
 * @returns false if the client had it already
 * @throws {ConflictError} if it is another client's
 */
export function addClientNumber(
  { db, audit }: ClientNumberDependencies,
  { number, clientId }: ClientNumber,
  origin: AuditOrigin,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const added = await tx
      .insert(clientNumbers)
      .values({ number, clientId })
      .onConflictDoNothing()
      .returning({ number: clientNumbers.number })
    if (added.length > 0) {
      await audit.recordWith(tx, {
        event: 'CLIENT_NUMBER_ADDED',
        origin: { ...origin, clientId },
        resource: { type: 'client', id: clientId },
        details: {},
      })
      return true
    }
    const own = and(eq(clientNumbers.number, number), eq(clientNumbers.clientId, clientId))
    const [known] = await tx.select().from(clientNumbers).where(own)
    if (known === undefined)
      throw new ConflictError(
        'CONFLICT',
        "The number is another client's: take it away there first",
      )
    return false
  })
}

/** Every number, by client. */
export const listClientNumbers = (db: Drizzle): Promise<ClientNumber[]> =>
  db
    .select({ number: clientNumbers.number, clientId: clientNumbers.clientId })
    .from(clientNumbers)
    .orderBy(asc(clientNumbers.clientId), asc(clientNumbers.number))

/** Takes a number from its client. @throws {NotFoundError} if it is nobody's */
export async function removeClientNumber(
  { db, audit }: ClientNumberDependencies,
  number: string,
  origin: AuditOrigin,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [removed] = await tx
      .delete(clientNumbers)
      .where(eq(clientNumbers.number, number))
      .returning()
    if (removed === undefined) throw new NotFoundError("The number is no client's")
    const { clientId } = removed
    await audit.recordWith(tx, {
      event: 'CLIENT_NUMBER_REMOVED',
      origin: { ...origin, clientId },
      resource: { type: 'client', id: clientId },
      details: {},
    })
  })
}
