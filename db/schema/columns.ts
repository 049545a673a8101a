import { customType, timestamp, uuid } from 'drizzle-orm/pg-core'
import { v7 as uuidv7 } from 'uuid'

/** `bytea` as a byte array: hashes, blind indexes and sealed blobs. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
})

/** `xid8`: the transaction that wrote a row, by which a reader knows what is committed below. */
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' })

/** A UUIDv7 primary key (RFC 9562 §5.7), made by the writer so that it is known before the insert. */
export const id = () => uuid('id').primaryKey().$defaultFn(uuidv7)

/** A point in time, to the millisecond, as the API shows it. */
export const instant = (name: string) =>
  timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })

/** When the row was written. */
export const createdAt = () => instant('created_at').notNull().defaultNow()
