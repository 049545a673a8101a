import { eq, getTableColumns } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { users } from '#db/schema/index.ts'

const { passwordHash: _, ...columns } = getTableColumns(users)

/** What is read of a user: everything but the password's hash, which only a login reads. */
export const userColumns = columns

/** A person who logs in. */
export type User = Omit<typeof users.$inferSelect, 'passwordHash'>

/** One spelling for one address: it alone names the account. */
export const normalizeEmail = (email: string): string => email.trim().toLowerCase()

/**
 * A user's row, locked until the end of the transaction. Whatever adds or revokes tokens of a user
 * does this first: a revocation would otherwise miss a token that is just being added.
 */
export async function lockUser(tx: Executor, userId: string): Promise<User | undefined> {
  const [user] = await tx
    .select(userColumns)
    .from(users)
    .where(eq(users.id, userId))
    .for('no key update')
  return user
}
