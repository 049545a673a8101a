import type { Database } from '#db/database.ts'
import type { Queries } from './rows/read-rows.ts'

/** How a transaction of the trail's own upkeep runs. */
export interface TransactionOptions {
  /** Who holds the connection, for the pool's warnings. */
  readonly label: string
  /** What stands behind BEGIN: an isolation level. @default the server's own */
  readonly mode?: string
}

/**
 * Does something on one connection, in one transaction.
 *
 * @throws what `work` throws; nothing of it then stays
 */
export async function inTransaction<Result>(
  client: Database['client'],
  { label, mode = '' }: TransactionOptions,
  work: (queries: Queries) => Promise<Result>,
): Promise<Result> {
  return client.hold(
    async (held) => {
      await held.query(`begin ${mode}`)
      try {
        const result = await work(held)
        await held.query('commit')
        return result
      } catch (error) {
        await held.query('rollback').catch(() => {
          // The connection goes away, and the server rolls back; the first error is the one to tell.
        })
        throw error
      }
    },
    { label, patient: true },
  )
}

/** The class of Caly's advisory locks ("caly"); partitions take number 1. */
const lockClass = 0x63616c79
const sealingLock = 2

/** Takes the lock of whoever adds to the chain, until the transaction ends, if nobody has it. */
export async function tryToChain(queries: Queries): Promise<boolean> {
  const { rows } = await queries.query(
    `select pg_try_advisory_xact_lock(${lockClass}, ${sealingLock}) as mine`,
  )
  return (rows as readonly { readonly mine: boolean }[])[0]?.mine === true
}

/** SQL over `pg_locks`: whether a lock is the one of whoever adds to this database's chain. */
export const sealingLockHeld = `locktype = 'advisory' and objsubid = 2
  and classid = ${lockClass} and objid = ${sealingLock}
  and database = (select oid from pg_database where datname = current_database())`
