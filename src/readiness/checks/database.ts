/** What everything is kept in. */
import { check, looked, resourceNames } from '../check.ts'

/** Connections that must stay free for whoever mends something. */
const spare = 5

/** Hosts that nobody is between. */
const isHere = (host: string): boolean =>
  host === '' || /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?|\/.*|%2F.*)$/i.test(host)

/** Triggers without which something goes on unnoticed, by their tables. */
const needed: readonly (readonly [table: string, trigger: string])[] = [
  ['users', 'tell_of_change'],
  ['api_keys', 'tell_of_change'],
  ['refresh_tokens', 'tell_of_change'],
  ['calls', 'count_call'],
]

interface Role {
  readonly superuser: boolean
  readonly creates: boolean
  readonly unbound: boolean
}

/** Database. */
export const databaseChecks = [
  check({
    id: 'database.server',
    title: 'The data is in a PostgreSQL server',
    why: 'The embedded database has one user, one session and no copy: it is for development',
    fix: 'Set DATABASE_URL',
    ...{ api: [8], asvs: ['V15.2.3'], needs: ['config'] },
    run: ({ config: { database } }) => [
      looked(
        'DATABASE_URL',
        database.url === undefined ? 'none: the embedded one' : 'set',
        database.url !== undefined,
      ),
    ],
  }),
  check({
    id: 'database.encrypted',
    title: 'The way to the server is encrypted, and leads to nobody else',
    why: 'Whoever is between would read and change every row',
    fix: 'Add ?sslmode=verify-full to DATABASE_URL, and sslrootcert where the authority is your own',
    ...{ api: [8], asvs: ['V12.3.1', 'V12.3.2'], needs: ['config'] },
    run({ config: { database } }) {
      if (database.url === undefined) return { missing: resourceNames.server }
      return [database.url, database.listenUrl, database.ownerUrl]
        .filter((url) => url !== undefined)
        .map((text) => {
          const { hostname, searchParams } = new URL(text)
          const mode = searchParams.get('sslmode') ?? 'none'
          const here = isHere(searchParams.get('host') ?? hostname)
          const good = here || mode === 'verify-full' || mode === 'verify-ca'
          return looked('sslmode of a database', here ? 'this machine' : mode, good)
        })
    },
  }),
  check({
    id: 'database.password',
    title: 'The password of the database is no guess',
    why: 'Whoever reaches the server tries these first',
    fix: 'Give the role a random password (openssl rand -base64 24), and DATABASE_URL with it',
    ...{ api: [2, 8], asvs: ['V13.2.3'], needs: ['config'] },
    run({ config: { database } }) {
      if (database.url === undefined) return { missing: resourceNames.server }
      const { username, password } = new URL(database.url)
      const good = password === '' || (password.length >= 12 && !password.includes(username))
      return [looked('the password in DATABASE_URL', good ? 'long enough' : 'short', good)]
    },
  }),
  check({
    id: 'database.owner',
    title: 'The service does not know the owner of its tables',
    why: 'Whoever got into the service would find the password with which triggers are dropped',
    fix: 'Give DATABASE_OWNER_URL to caly migrate alone, and start the service without it',
    ...{ api: [8], asvs: ['V13.2.2', 'V13.3.2'], needs: ['config'] },
    run: ({ config: { database } }) => [
      looked(
        'DATABASE_OWNER_URL',
        database.ownerUrl === undefined ? 'not set' : 'set',
        database.ownerUrl === undefined,
      ),
    ],
  }),
  check({
    id: 'database.role',
    title: 'The service’s role is no superuser, and makes no roles or databases',
    why: 'One hole in one statement would be the whole server',
    fix: 'alter role … nosuperuser nocreatedb nocreaterole nobypassrls',
    ...{ api: [8], asvs: ['V13.2.2'], needs: ['server'] },
    async run({ server }) {
      const { rows } = await server.client.query(`
        select rolsuper as superuser, rolcreatedb or rolcreaterole as creates,
          rolreplication or rolbypassrls as unbound
        from pg_roles where rolname = current_user`)
      const [role] = rows as readonly Role[]
      const good = role !== undefined && !role.superuser && !role.creates && !role.unbound
      return [looked('the role of DATABASE_URL', good ? 'an ordinary one' : 'may too much', good)]
    },
  }),
  check({
    id: 'database.migrated',
    title: 'The tables are those of this version',
    why: 'A statement that finds another table fails in the middle of something',
    fix: 'Run caly migrate with this version, or this command with the version that runs',
    ...{ api: [9], asvs: [], needs: ['database'] },
    async run({ database }) {
      const { migrated } = await database.check()
      return [looked('the newest migration', migrated ? 'applied' : 'missing', migrated)]
    },
  }),
  check({
    id: 'database.triggers',
    title: 'The database tells of every change of a user or key, and counts every call',
    why: 'A key that was revoked would go on for a minute, and figures would be wrong for good',
    fix: 'alter table … enable trigger … on what is named, as the owner; after a restore: select caly_recount_calls()',
    ...{ api: [2], asvs: ['V8.3.2'], needs: ['database'] },
    async run({ database }) {
      const { rows } = await database.client.query(`
        select tgrelid::regclass::text as "table", tgname as name from pg_trigger
        where tgenabled in ('O', 'A') and not tgisinternal`)
      const known = new Set(
        (rows as readonly { readonly table: string; readonly name: string }[]).map(
          ({ table, name }) => `${table} ${name}`,
        ),
      )
      return needed.map(([table, trigger]) => {
        const good = known.has(`${table} ${trigger}`)
        return looked(`the trigger ${trigger} of ${table}`, good ? 'there' : 'missing or off', good)
      })
    },
  }),
  check({
    id: 'database.statement-timeout',
    title: 'The server ends statements that take too long',
    why: 'One that nobody waits for any more would go on, and hold what others need',
    fix: 'Behind a pooler: alter role … set statement_timeout = ’30s’; else set DB_STATEMENT_TIMEOUT',
    ...{ api: [4], asvs: ['V13.2.6', 'V15.2.2'], needs: ['server'] },
    async run({ server }) {
      const { rows } = await server.client.query(`select current_setting('statement_timeout') as t`)
      const [limit] = rows as readonly { readonly t: string }[]
      return [looked('statement_timeout', limit?.t, limit !== undefined && limit.t !== '0')]
    },
  }),
  check({
    id: 'database.connections',
    title: 'The server has room for all connections of this process, and some to spare',
    why: 'The connection that is one too many is refused: in the rush, when it is needed',
    fix: 'Lower DB_POOL_MAX, raise max_connections, or put a pooler in between',
    ...{ api: [4], asvs: ['V13.2.6'], needs: ['server', 'config'] },
    async run({ server, config: { database } }) {
      const { rows } = await server.client.query(`
        select current_setting('max_connections')::int
          - current_setting('superuser_reserved_connections')::int as room`)
      const room = Number((rows as readonly { readonly room: number }[])[0]?.room)
      const wanted = database.poolMax + spare
      return [looked(`${room} connections of the server`, `${wanted} wanted`, wanted <= room)]
    },
  }),
  check({
    id: 'database.durable',
    title: 'What was answered is on the server’s disk',
    why: 'After a crash of the server calls, keys and the trail would miss what clients were told is done',
    fix: 'Leave fsync, full_page_writes and synchronous_commit on, for the database and the role too',
    ...{ api: [8], asvs: ['V2.3.3'], needs: ['server'] },
    async run({ server }) {
      const { rows } = await server.client.query(`
        select name, setting from pg_settings
        where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name`)
      return (rows as readonly { readonly name: string; readonly setting: string }[]).map(
        ({ name, setting }) => looked(name, setting, setting !== 'off' && setting !== 'local'),
      )
    },
  }),
  check({
    id: 'database.clock',
    title: 'The clocks of this machine and of the database agree within five seconds',
    why: 'Keys and tokens end by the one and begin by the other, and logs do not fit together',
    fix: 'Let both be set by the same source (NTP, chrony)',
    ...{ api: [8], asvs: ['V16.2.2'], needs: ['database'] },
    async run({ database }) {
      const { rows } = await database.client.query(
        'select extract(epoch from clock_timestamp())::float8 as now',
      )
      const [row] = rows as readonly { readonly now: number }[]
      const apart = Math.abs((row?.now ?? 0) - Date.now() / 1000)
      return [looked('the clock of the database', `${apart.toFixed(1)} s apart`, apart < 5)]
    },
  }),
  check({
    id: 'database.sealed',
    title: 'No table shows a number that was called',
    why: 'A copy of the database, or a role that reads it, would be a list of who speaks with whom',
    fix: 'Caly seals them with ENCRYPTION_KEY: if it does not, the code has changed',
    ...{ api: [3], asvs: ['V11.3.2', 'V14.2.4'], needs: ['database', 'guests'], intrusive: true },
    async run({ database, guests: { one } }) {
      const { rows } = await database.client.query(
        'select calls::text as "row", octet_length(sealed) as sealed from calls where id = $1',
        [one.callId],
      )
      const [call] = rows as readonly { readonly row: string; readonly sealed: number | null }[]
      const good = call !== undefined && (call.sealed ?? 0) > 0 && !call.row.includes('999000')
      return [looked('the row of a call', good ? 'sealed' : 'can be read', good)]
    },
  }),
] as const
