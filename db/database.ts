import type { NodePgDatabase, NodePgQueryResultHKT } from 'drizzle-orm/node-postgres'
import type { PgDatabase } from 'drizzle-orm/pg-core'
import type * as schema from './schema/index.ts'

/** drizzle over the pool. */
export type Drizzle = NodePgDatabase<typeof schema>

/** The database or a transaction on it: whatever takes queries. */
export type Executor = PgDatabase<NodePgQueryResultHKT, typeof schema>
