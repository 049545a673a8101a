import { and, desc, eq, lt } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { users } from '#db/schema/index.ts'
import type { Page } from '../page.ts'
import { type User, userColumns } from './user.ts'

/** One user, whichever client's; undefined where there is none. */
export async function findUser(db: Executor, id: string): Promise<User | undefined> {
  const [user] = await db.select(userColumns).from(users).where(eq(users.id, id))
  return user
}

/** A client's users, newest first; one more than the limit tells that there are more. */
export function listUsers(db: Executor, clientId: string, { limit, after }: Page): Promise<User[]> {
  return db
    .select(userColumns)
    .from(users)
    .where(and(eq(users.clientId, clientId), after === undefined ? undefined : lt(users.id, after)))
    .orderBy(desc(users.id))
    .limit(limit + 1)
}
