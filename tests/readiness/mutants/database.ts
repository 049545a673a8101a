import { setSystemTime } from 'bun:test'
import { eventually } from '../../support/process.ts'
import type { House } from '../house.ts'
import { configured, inDatabase, type Mutant } from '../mutant.ts'

/** A number of nobody's. */
const number = '+99900000001'

/** The database as it is seen with a connection that begins otherwise. */
const reconnected = (
  what: string,
  red: Mutant['reds'][number],
  {
    prepare = true,
    set,
    reset,
  }: { prepare?: boolean; set?: (house: House) => string; reset?: (house: House) => string },
): Mutant => ({
  what,
  reds: [red],
  onServer: true,
  async stage(house) {
    if (set !== undefined) await house.asOwner(set(house))
    const server = await house.reconnect(prepare)
    return {
      context: { server },
      async undo() {
        await server.close()
        if (reset !== undefined) await house.asOwner(reset(house))
      },
    }
  },
})

/** The migration that this version is the newest with, under another name. */
const renameMigration = async ({ asOwner, database }: House, migrated: boolean) => {
  await asOwner(
    migrated
      ? `update caly_migrations set tag = substr(tag, 6) where tag like 'away %'`
      : `update caly_migrations set tag = 'away ' || tag where tag = (select max(tag) from caly_migrations)`,
  )
  // What was found is told again for half a second.
  await eventually(
    () => database.check(),
    (check) => check.migrated === migrated,
  )
}

/** What is wrong with where everything is kept. */
export const databaseMutants: readonly Mutant[] = [
  configured('the embedded database', ['database.server'], {
    NODE_ENV: 'development',
    DATABASE_URL: '',
  }),
  configured('a server elsewhere without TLS', ['database.encrypted'], {
    DATABASE_URL: 'postgres://service:a-long-password@db.example/caly',
  }),
  configured('a password that is the name', ['database.password'], {
    DATABASE_URL: 'postgres://caly:caly@localhost/caly',
  }),
  configured('the owner of the tables, left behind', ['database.owner'], ({ environment }) => ({
    DATABASE_OWNER_URL: environment['DATABASE_URL'] ?? '',
  })),
  {
    ...inDatabase(
      'a role that makes databases',
      ['database.role'],
      ({ role }) => `alter role ${role} createdb`,
      ({ role }) => `alter role ${role} nocreatedb`,
    ),
    onServer: true,
  },
  {
    what: 'a database of an older version',
    reds: ['database.migrated'],
    async stage(house) {
      await renameMigration(house, false)
      return { context: {}, undo: () => renameMigration(house, true) }
    },
  },
  inDatabase(
    'a restore that left a trigger off',
    ['database.triggers'],
    'alter table api_keys disable trigger tell_of_change',
    'alter table api_keys enable trigger tell_of_change',
  ),
  reconnected('a pooler that takes no time limit', 'database.statement-timeout', {
    prepare: false,
  }),
  {
    ...configured('a DB_POOL_MAX of a thousand', ['database.connections'], { DB_POOL_MAX: '1000' }),
    onServer: true,
  },
  reconnected('a role that does not wait for the disk', 'database.durable', {
    set: ({ role }) => `alter role ${role} set synchronous_commit = off`,
    reset: ({ role }) => `alter role ${role} reset synchronous_commit`,
  }),
  {
    what: 'a clock that is a minute fast',
    reds: ['database.clock'],
    stage() {
      setSystemTime(new Date(Date.now() + 60_000))
      return {
        context: {},
        async undo() {
          setSystemTime()
        },
      }
    },
  },
  inDatabase(
    'a number that is written into a field',
    ['database.sealed'],
    ({ guests }) =>
      `update calls set failure_reason = '${number}' where id = '${guests.one.callId}'`,
    ({ guests }) => `update calls set failure_reason = 'sample' where id = '${guests.one.callId}'`,
  ),
]
