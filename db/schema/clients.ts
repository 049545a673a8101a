import { sql } from 'drizzle-orm'
import { boolean, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id } from './columns.ts'

/** A tenant. Every row of every other table belongs to one. */
export const clients = pgTable(
  'clients',
  {
    id: id(),
    name: text('name').notNull(),
    /** The operator's own client: it alone holds platform scopes, and what strangers do is its. */
    isPlatform: boolean('is_platform').notNull().default(false),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('clients_one_platform').on(table.isPlatform).where(sql`${table.isPlatform}`),
  ],
)

/** Which client an ExoPhone (the business's own number, E.164) belongs to. */
export const clientNumbers = pgTable(
  'client_numbers',
  {
    number: text('number').primaryKey(),
    clientId: uuid('client_id')
      .notNull()
      .references(() => clients.id),
    createdAt: createdAt(),
  },
  (table) => [index('client_numbers_client').on(table.clientId)],
)
