/** A service whose role does not own the tables (DATABASE_OWNER_URL). */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '../../db/database.ts'
import { createKeyring } from '../../db/keyring.ts'
import { directTrail, eraseActor, inspectTrail, rowMacs } from '../../src/audit/index.ts'
import { login, masterKey } from '../audit/trail-house.ts'
import { adminOf } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { createScratchDatabase, databaseSettings } from '../support/database.ts'
import { eventually, startCaly } from '../support/process.ts'

setDefaultTimeout(60_000)

const suffix = uuidv7().slice(-12)
const roles = {
  owner: `caly_owner_${suffix}`,
  service: `caly_service_${suffix}`,
  auditor: `caly_auditor_${suffix}`,
}
let url = ''
let admin: postgres.Sql
let drop: () => Promise<void>

const as = (role: string) => {
  const other = new URL(url)
  other.username = role
  other.password = 'secret'
  return other.href
}
const settings = () => ({
  ...databaseSettings,
  url: as(roles.service),
  ownerUrl: as(roles.owner),
})

beforeAll(async () => {
  const scratch = await createScratchDatabase(false)
  if (scratch === undefined) throw new Error('TEST_DATABASE_URL is missing')
  url = scratch.url
  drop = scratch.drop
  admin = postgres(url, { max: 1, onnotice: () => {} })
  for (const role of Object.values(roles))
    await admin.unsafe(`create role ${role} login password 'secret'`)
  const database = new URL(url).pathname.slice(1)
  await admin.unsafe(`alter database ${database} owner to ${roles.owner}`)
  await admin.unsafe(`alter schema public owner to ${roles.owner}`)
})
afterAll(async () => {
  await admin.end()
  await drop()
  const server = postgres(process.env['TEST_DATABASE_URL'] ?? '', { max: 1 })
  for (const role of Object.values(roles)) await server.unsafe(`drop role ${role}`)
  await server.end()
})

test('the owner migrates, and the service adds to the trail and can neither change nor remove', async () => {
  const database = await openDatabase({ settings: settings(), dataDir: '/nonexistent' })
  await database.migrate()
  expect(await database.migrate()).toMatchObject({ applied: 0 })
  const keyring = createKeyring([masterKey])
  const trail = directTrail({ client: database.client, keyring, platformClientId: uuidv7 })
  await trail.record(login('somebody'))
  const month = new Date().toISOString().slice(0, 7).replace('-', '_')
  for (const statement of [
    'update audit_logs set ip = null',
    'delete from audit_logs',
    'truncate audit_logs',
    `update audit_logs_${month} set ip = null`,
    `insert into audit_logs_${month} select * from audit_logs`,
    `drop table audit_logs_${month}`,
    'alter table audit_logs disable trigger all',
    'delete from audit_seals',
    'update audit_seal_leaves set position = 1',
    `insert into audit_seal_start (xid) values ('0')`,
    `create table audit_logs_x partition of audit_logs default`,
    `select caly_make_append_only('clients')`,
    'set session_replication_role = replica',
    `create function caly_erase_audit_rows(text) returns void language sql as ''`,
    'create schema mine',
    `insert into audit_logs (written_by) values ('3')`,
    `insert into audit_logs (erasure) values ('')`,
    'update audit_settings set retention_days = 1',
  ])
    expect([
      statement,
      await database.client.query(statement).catch((error) => error),
    ]).toMatchObject([statement, { code: '42501' }])
  const maker = { macs: rowMacs(keyring), platformClientId: uuidv7 }
  const options = { client: database.client, maker, now: Date.now }
  expect(await eraseActor(options, 'somebody', { actorType: 'shell' })).toMatchObject({ rows: 1 })
  await database.client.query('select caly_ensure_audit_partitions(5)')
  expect(await inspectTrail(database.client)).toEqual({ nextMonth: true, alterable: false })
  await database.close()
})

/** As the service's role, or whoever has its password; nothing of it stays. */
async function attempt(...statements: string[]): Promise<string | undefined> {
  const service = postgres(as(roles.service), { max: 1, onnotice: () => {} })
  const undone = new Error('undone')
  try {
    await service.begin(async (sql) => {
      for (const statement of statements) await sql.unsafe(statement)
      throw undone
    })
  } catch (error) {
    if (error !== undone) return (error as postgres.PostgresError).code
  } finally {
    await service.end()
  }
  return undefined
}

/** A row as anybody can make it who may insert. */
const row = (type: string, details: object, userAgent = '', id = uuidv7()) => `
  insert into audit_logs (id, created_at, event_type, severity, outcome, client_id, actor_type,
    actor_id, user_agent, details, personal_commitment, mac)
  values ('${id}', now(), '${type}', 'INFO', 'success', gen_random_uuid(), 'user',
    'victim', '${userAgent}', '${JSON.stringify(details)}', sha256(''), '')`

const junkSeal = (month: string, position: string) => `
  insert into audit_seals (position, version, kind, created_at, month, from_xid, to_xid, row_count,
    forged_count, total_count, root, previous_hash, key_id, signature)
  values (${position}, 1, 'drop', now(), '${month}', '0', '0', 0, 0, 0, '', '', '', '')`
const next = '(select coalesce(max(position), 0) + 1 from audit_seals)'

test('what runs with the rights of the owner finds nothing that the caller has put in its way', async () => {
  const functions = await admin`select proname, proconfig from pg_proc where proname ~ '^caly_'`
  for (const { proname, proconfig } of functions)
    expect([proname, proconfig]).toEqual([proname, ['search_path=public, pg_temp']])
  // "$user" is the owner within such a function.
  await admin.unsafe(`create schema ${roles.owner}`)
  await admin.unsafe(`create function ${roles.owner}.caly_make_append_only(regclass) returns void
    language plpgsql as $$ begin raise exception 'taken in'; end $$`)
  expect(await attempt('select caly_ensure_audit_partitions(7)')).toBeUndefined()
  await admin.unsafe(`drop schema ${roles.owner} cascade`)
})

test('nobody makes months beyond the next year', async () => {
  const months = "(select count(*) from pg_inherits where inhparent = 'audit_logs'::regclass)"
  const most = `select 1 / (case when ${months} > 13 then 0 else 1 end)`
  expect(await attempt('select caly_ensure_audit_partitions(100)', most)).toBeUndefined()
})

test('a month goes when the owner says that it is old enough, whatever seals say', async () => {
  const last = new Date()
  last.setUTCMonth(last.getUTCMonth() - 1, 1)
  const month = last.toISOString().slice(0, 7)
  const drop = `select caly_drop_audit_month('${month}')`
  expect(await attempt(junkSeal(month, next), drop)).toBe('42501')
  expect(await attempt(junkSeal('2020-05', next), `select caly_drop_audit_month('2020-05')`)).toBe(
    undefined,
  )
  expect(await attempt(junkSeal('2020-05', '4711'))).toBe('23000')
  expect(
    await attempt(
      'create temp table audit_seals as select * from public.audit_seals limit 0',
      junkSeal('2020-05', '1'),
      `select caly_drop_audit_month('2020-05')`,
    ),
  ).toBe('42501')
})

test('only what an event of the same transaction tells of is emptied', async () => {
  const month = new Date().toISOString().slice(0, 7)
  const digest = (ids: string) => `sha256(coalesce(${ids}, ''))`
  const theirs = digest(
    `(select string_agg(uuid_send(id), ''::bytea order by id) from audit_logs where actor_id = 'victim')`,
  )
  const erase = (of: string) => `select caly_erase_audit_rows('victim', '${month}', ${of})`
  const told = (rows: number, of: string, event = 'AUDIT_ERASED') => `
    insert into audit_logs (id, created_at, event_type, severity, outcome, client_id, actor_type,
      details, personal_commitment, mac)
    select gen_random_uuid(), now(), '${event}', 'INFO', 'success', gen_random_uuid(), 'shell',
      jsonb_build_object('month', '${month}', 'rows', ${rows}, 'digest', encode(${of}, 'hex')),
      sha256(''), ''`
  const id = uuidv7()
  const done = row('LOGOUT', {}, '', id)
  expect(await attempt(done, told(1, theirs), erase(theirs))).toBeUndefined()
  expect(await attempt(done, erase(theirs))).toBe('42501')
  expect(await attempt(done, told(2, theirs), erase(theirs))).toBe('42501')
  expect(await attempt(done, told(1, digest('null::bytea')), erase(digest('null::bytea')))).toBe(
    '42501',
  )
  expect(await attempt(done, told(1, theirs), row('LOGOUT', {}), erase(theirs))).toBe('42501')
  expect(await attempt(done, told(1, theirs, 'LOGOUT'), erase(theirs))).toBe('42501')
  const earlier = `sha256(uuid_send('${id}'))`
  await admin.unsafe(told(1, earlier))
  expect(await attempt(done, erase(earlier))).toBe('42501')
  await admin.unsafe(`set session_replication_role = replica;
    delete from audit_logs where details ->> 'digest' = encode(${earlier}, 'hex');
    reset session_replication_role`)
})

test('no row is larger than what the sealer can read', async () => {
  expect(await attempt(row('LOGOUT', { text: 'x'.repeat(8192) }))).toBeUndefined()
  expect(await attempt(row('LOGOUT', { text: 'x'.repeat(1_000_000) }))).toBe('23514')
  expect(await attempt(row('x'.repeat(100_000), {}))).toBe('23514')
  expect(await attempt(row('LOGOUT', {}, 'x'.repeat(100_000)))).toBe('23514')
})

test('a service with the lesser role starts, seals, and needs the owner no more', async () => {
  const caly = await startCaly({
    env: { DATABASE_URL: as(roles.service), ENCRYPTION_KEY: masterKey, DATABASE_OWNER_URL: '' },
  })
  const asked = await adminOf(caly)
  const call = { from: '+919999900001', to: '+919999900010' }
  const { status, body } = await asked('POST', '/api/calls', call)
  expect(status).toBe(202)
  const { body: placed } = await eventually(
    () => asked('GET', `/api/calls/${body.id}`),
    (answer) => answer.body.status !== 'queued',
    20_000,
  )
  expect(placed.status).not.toBe('failed')
  const [{ seals } = { seals: 0 }] = await eventually(
    () => admin<{ seals: number }[]>`select count(*)::int as seals from audit_seals`,
    ([found]) => (found?.seals ?? 0) > 0,
    30_000,
  )
  expect(seals).toBeGreaterThan(0)
  expect(caly.output()).not.toContain('background work failed')
  expect(await caly.stop()).toBe(0)
})

test('a role that may only read the trail verifies and proves it', async () => {
  const tables = ['logs', 'seals', 'seal_leaves', 'seal_keys', 'seal_start']
  const read = ['caly_migrations', ...tables.map((name) => `audit_${name}`)].join(', ')
  await admin.unsafe(`grant select on ${read} to ${roles.auditor}`)
  const env = {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: as(roles.auditor),
    ENCRYPTION_KEY: masterKey,
  }
  const { code, output } = await runCommand({ env }, ['audit', 'verify'])
  expect(output).toContain('The trail is intact')
  expect(code).toBe(0)
  const [sealed] = await admin`select id from audit_logs
    where written_by < (select max(to_xid) from audit_seals) limit 1`
  const proven = await runCommand({ env }, ['audit', 'prove', String(sealed?.['id'])])
  expect(proven).toMatchObject({ code: 0 })
})

test('a command that reads makes no tables, and says that there are none', async () => {
  const empty = await createScratchDatabase(false)
  const env = {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: empty?.url ?? '',
    ENCRYPTION_KEY: masterKey,
  }
  for (const args of [
    ['audit', 'verify'],
    ['audit', 'prove', uuidv7()],
    ['audit', 'export', '--client', uuidv7()],
    ['audit', 'erase', '--actor', uuidv7()],
  ]) {
    const { code, output } = await runCommand({ env }, args)
    expect(output).toContain('run caly migrate first')
    expect(code).toBe(2)
  }
  const sql = postgres(env.DATABASE_URL, { max: 1 })
  expect([...(await sql`select relname from pg_class where relname ~ '^caly|^audit'`)]).toEqual([])
  await sql.end()
  await empty?.drop()
})
