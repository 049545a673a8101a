/** A service whose role does not own the tables (DATABASE_OWNER_URL). */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '../../db/database.ts'
import { createKeyring } from '../../db/keyring.ts'
import { directTrail, eraseActor, inspectTrail, rowMacs } from '../../src/audit/index.ts'
import { login, masterKey } from '../audit/trail-house.ts'
import { createScratchDatabase, databaseSettings } from '../support/database.ts'
import { startCaly } from '../support/process.ts'

setDefaultTimeout(60_000)

const suffix = uuidv7().slice(-12)
const roles = { owner: `caly_owner_${suffix}`, service: `caly_service_${suffix}` }
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
  const scratch = await createScratchDatabase()
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

test('a service with the lesser role starts, seals, and needs the owner no more', async () => {
  const caly = await startCaly({
    env: { DATABASE_URL: as(roles.service), ENCRYPTION_KEY: masterKey, DATABASE_OWNER_URL: '' },
  })
  const deadline = performance.now() + 30_000
  let seals = 0
  while (seals === 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    const [row] = await admin`select count(*)::int as seals from audit_seals`
    seals = row?.['seals'] ?? 0
  }
  expect(seals).toBeGreaterThan(0)
  expect(await caly.stop()).toBe(0)
})
