/** Seals, proofs, anchors, erasure and retention of a trail, as its operators and auditors see them. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import {
  checkProof,
  eraseActor,
  openAnchor,
  type Proof,
  proofFormat,
  proveRow,
  readAnchors,
  rowMacs,
  SealMemory,
  type SignedSeal,
  sealOnce,
  startSealing,
} from '../../src/audit/index.ts'
import { insertRows } from '../../src/audit/insert.ts'
import { dropOldMonths } from '../../src/audit/retention.ts'
import { auditRow } from '../../src/audit/row.ts'
import { personalCommitment, sealedForm } from '../../src/audit/sealed-form.ts'
import { signed } from '../../src/audit/seals/next-seal.ts'
import { openTestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'
import {
  emptied,
  login,
  masterKey,
  openTrail,
  type TrailHouse,
  trailOn,
  withKeys,
} from './trail-house.ts'

// Sealing waits for the transactions of other tests on the server.
setDefaultTimeout(60_000)

let house: TrailHouse
let folder: string

beforeAll(async () => {
  house = await openTrail()
  folder = await mkdtemp(join(tmpdir(), 'caly-anchor-'))
})
afterAll(async () => {
  await house.close()
  await rm(folder, { recursive: true })
})

/** What a promise is refused with. */
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** A month that retention may drop. */
const oldMonth = `create table audit_logs_2020_05 partition of audit_logs
  for values from ('2020-05-01 00:00:00+00') to ('2020-06-01 00:00:00+00')`

const rowMaker = (trail: TrailHouse) => ({
  macs: rowMacs(trail.keyring),
  platformClientId: () => uuidv7(),
})

const retentionOf = (trail: TrailHouse, onSeal: (seal: SignedSeal) => void = () => {}) => ({
  client: trail.client,
  keys: trail.maker.keys,
  maker: rowMaker(trail),
  now: Date.now,
  days: 365,
  onSeal,
})

test('whatever a row may hold is read back as the bytes that were sealed', async () => {
  const details: Record<string, unknown>[] = [
    {},
    { b: 1, a: 2, aa: 3, ä: 4, '\u{1f600}': 5, '\ufb33': 6 },
    { n: [0, -0, 1e21, 1e-7, 0.1, 123456789012345680000, 5e-324, 1.7976931348623157e308] },
    { deep: { er: { est: [null, true, 'x', { z: 1, y: [] }] } } },
    { text: 'quote " slash \\ / tab \t line\u2028 \u0001 é 漢 👩‍👧' },
    { personal: { city: 'Köln', n: 1e3 }, kept: true },
  ]
  const macs = rowMacs(house.keyring)
  const rows = details.map((detail) => {
    const made = auditRow(
      login('Ünïcode 漢 👩‍👧'),
      { id: uuidv7(), at: Date.now() },
      rowMaker(house),
    )
    const row = { ...made, details: detail, requestId: null, statusCode: 0, path: '' }
    const committed = { ...row, personalCommitment: personalCommitment(row.personalSalt, row) }
    return { ...committed, mac: macs.make(sealedForm(committed)) }
  })
  await insertRows(house.client, rows)
  expect(await house.verify()).toMatchObject({ intact: true, rows: rows.length })
  expect(await house.seal()).toMatchObject([{ rowCount: rows.length, forgedCount: 0 }])
  expect(await house.verify()).toMatchObject({ intact: true, unsealed: 0 })
})

test('rows of the trail itself, whatever they hold, are no findings', async () => {
  const trail = await emptied(house)
  const wide = { ...login('\ud800 half', uuidv7()), statusCode: 200 }
  await trail.trail.record({ ...wide, resource: { type: 'user', id: 'x'.repeat(600) } })
  await trail.trail.record({
    event: 'ACCESS_DENIED',
    origin: { actorType: 'anonymous', userAgent: '\0 nul' },
    details: { reason: 'é\u2028"\\' },
  })
  expect(await trail.verify()).toMatchObject({ intact: true, unsealed: 2 })
  await trail.seal()
  expect(await trail.verify()).toMatchObject({ intact: true, rows: 2, unsealed: 0 })
  await trail.close()
})

test('a seal waits for a transaction that began before it, and misses none of its rows', async () => {
  const trail = await emptied(house)
  if (trail.home.database.embedded) return trail.close()
  await trail.db.transaction(async (tx) => {
    await trail.trail.recordWith(tx, login('early'))
    await trail.record(3)
    expect(await sealedRows(trail)).toBe(0)
  })
  await trail.seal()
  expect(await trail.verify()).toMatchObject({ intact: true, rows: 4, unsealed: 0 })
  return trail.close()
})

const sealedRows = async (trail: TrailHouse) => {
  const { seals } = await sealOnce(trail.maker)
  return seals.reduce((sum, { rowCount }) => sum + rowCount, 0)
}

test('rows of two months that one transaction wrote get a seal each', async () => {
  const trail = await emptied(house)
  const next = new Date()
  next.setUTCMonth(next.getUTCMonth() + 1, 1)
  const rows = [Date.now(), next.getTime()].map((at) =>
    auditRow(login('traveller'), { id: uuidv7(), at }, rowMaker(trail)),
  )
  await insertRows(trail.client, rows)
  const seals = await trail.seal()
  expect(seals.map(({ month, rowCount }) => [month, rowCount])).toEqual(
    [new Date(), next].map((date) => [date.toISOString().slice(0, 7), 1]),
  )
  expect(await trail.verify()).toMatchObject({ intact: true, rows: 2 })
  await trail.close()
})

test('rows from before the seals are migrated, sealed as they are, and can be forgotten', async () => {
  const home = await openTestDatabase({ migrate: false })
  const { client } = home.database
  const migrations = new URL('../../db/migrations/', import.meta.url)
  await client.query('create table caly_migrations (tag text primary key)')
  for (const name of (await readdir(migrations)).filter((file) => /^000[0-3]_/.test(file)).sort()) {
    await client.query(await readFile(new URL(name, migrations), 'utf8'))
    await client.query(`insert into caly_migrations values ('${name.replace('.sql', '')}')`)
  }
  await client.query('alter table caly_migrations add applied_at timestamptz default now()')
  await client.query('select caly_ensure_audit_partitions(0)')
  await client.query(`
    insert into audit_logs (id, created_at, event_type, severity, outcome, client_id, actor_type,
      actor_id, ip, user_agent, details)
    values (gen_random_uuid(), now(), 'LOGOUT', 'INFO', 'success', gen_random_uuid(), 'user',
      'früher', '203.0.113.9', 'curl 漢', '{"n": 1.50, "aa": 1, "b": [1e3]}'),
      (gen_random_uuid(), now(), 'LOGOUT', 'INFO', 'success', gen_random_uuid(), 'system',
      null, null, null, '{}')`)
  const trail = await trailOn(home, [masterKey])
  await home.database.migrate()
  await trail.record(2)
  expect(await trail.verify()).toMatchObject({ intact: true, unsealed: 4 })
  const seals = await trail.seal()
  expect(
    seals.map(({ fromXid, rowCount, forgedCount }) => [fromXid === '0', rowCount, forgedCount]),
  ).toEqual([
    [true, 2, 0],
    [false, 2, 0],
  ])
  const options = { client, maker: rowMaker(trail), now: Date.now }
  expect(await eraseActor(options, 'früher', { actorType: 'shell' })).toMatchObject({ rows: 1 })
  expect(await trail.verify()).toMatchObject({ intact: true, erased: 1 })
  await trail.close()
})

test('a replica with an older key first signs by that, and all seals are believed', async () => {
  const newKey = '77'.repeat(32)
  const before = await emptied(house)
  await before.record(1)
  await before.seal()
  const [oldId] = before.maker.keys.publicKeys.keys()
  const after = await withKeys(before, [newKey, masterKey])
  await before.record(1)
  const [seal] = await after.seal()
  expect(seal?.keyId).not.toBe(oldId)
  expect(await after.verify()).toMatchObject({ intact: true, seals: 2 })
  // The old key is gone: what it signed is believed by the chain that leads there.
  const later = await withKeys(before, [newKey])
  expect(await later.verify()).toMatchObject({ intact: true, seals: 2, unsealed: 0 })
  expect((await before.verify()).findings).toContainEqual(
    expect.objectContaining({ kind: 'key_unknown', position: 2 }),
  )
  await before.close()
})

test('after a restore from a dump nothing is sealed wrongly: sealing says what is the matter', async () => {
  const trail = await emptied(house)
  await trail.record(1)
  for (const seal of await trail.seal()) {
    const later = await signed(trail.maker.keys, { ...seal, toXid: '9000000000000000000' })
    const signature = Buffer.from(later.signature).toString('hex')
    await trail.tamper(
      `update audit_seals set to_xid = '${later.toXid}', signature = '\\x${signature}'`,
    )
  }
  await trail.record(1)
  expect(await refusal(sealOnce(trail.maker))).toMatchObject({
    name: 'TransactionCounterError',
    message: expect.stringContaining('counter of the database went back'),
  })
  await trail.close()
})

test('nothing follows a seal that no key of ENCRYPTION_KEY has signed, and no month is dropped after it', async () => {
  const foreign = '66'.repeat(32)
  const trail = await emptied(house)
  const forger = await withKeys(trail, [foreign])
  await trail.query(oldMonth)
  await trail.record(3)
  await trail.seal()
  await trail.tamper(
    'delete from audit_logs where id = (select min(id::text)::uuid from audit_logs)',
    'truncate audit_seals, audit_seal_leaves',
  )
  await forger.seal()
  await trail.record(1)
  const refused = { name: 'UntrustedSealError', message: expect.stringContaining('the old key') }
  const retention = { ...trail.maker, maker: rowMaker(trail), days: 365, onSeal: () => undefined }
  expect(await refusal(sealOnce(trail.maker))).toMatchObject(refused)
  expect(await refusal(dropOldMonths(retention))).toMatchObject(refused)
  expect((await trail.verify()).findings).toContainEqual(
    expect.objectContaining({ kind: 'key_unknown', position: 1 }),
  )
  // A key that was changed is told by its presence: the chain goes on.
  const changed = await withKeys(trail, [masterKey, foreign])
  expect(await changed.seal()).toMatchObject([{ position: 2, keyId: trail.maker.keys.id }])
  expect(await trail.seal()).toEqual([])
  await trail.tamper('update audit_seals set row_count = row_count + 1 where position = 2')
  expect(await refusal(sealOnce(trail.maker))).toMatchObject({
    name: 'UntrustedSealError',
    message: expect.stringContaining('not as it was signed'),
  })
  await trail.close()
})

test('a process that has seen a seal adds nothing to a chain that has not got it any more', async () => {
  const trail = await emptied(house)
  const memory = new SealMemory()
  const maker = { ...trail.maker, memory }
  await trail.record(1)
  for (const seal of await trail.seal()) memory.see(seal)
  await trail.tamper('truncate audit_seals, audit_seal_leaves')
  expect(await refusal(sealOnce(maker))).toMatchObject({
    name: 'UntrustedSealError',
    message: expect.stringContaining('cut off: seal 1'),
  })
  // Somebody who has the key seals anew, and goes on from there.
  await trail.seal()
  await trail.record(1)
  await trail.seal()
  expect(await refusal(sealOnce(maker))).toMatchObject({
    name: 'UntrustedSealError',
    message: expect.stringContaining('anew: seal 1'),
  })
  // A process that starts now has seen nothing else.
  expect(await sealOnce({ ...maker, memory: new SealMemory() })).toMatchObject({ seals: [] })
  await trail.close()
})

test('who keeps rows from being sealed is named, and told of until it ends', async () => {
  const trail = await emptied(house)
  if (trail.home.database.embedded) return trail.close()
  const sealing = startSealing({
    ...trail.maker,
    interval: 20,
    patience: 200,
    onSeal: () => undefined,
    onError: () => undefined,
  })
  const holds = [
    ['lock', 'select pg_advisory_xact_lock(1667329145, 2)'],
    ['transaction', 'select pg_current_xact_id()'],
  ] as const
  const held = await trail.client.connect({ label: 'hold-up', patient: true })
  const { rows } = await held.query('select pg_backend_pid() as pid')
  const [holder] = rows as readonly { readonly pid: number }[]
  for (const [by, statement] of holds) {
    await held.query('begin')
    await held.query(statement)
    await trail.record(1)
    // A transaction of another test may be older for a moment.
    await eventually(
      async () => sealing.status().holdUp,
      (holdUp) => holdUp?.by === by && holdUp.pid === holder?.pid && holdUp.waits > 200,
      30_000,
    )
    await held.query('rollback')
    await eventually(
      async () => sealing.status().holdUp,
      (holdUp) => holdUp === undefined,
      30_000,
    )
  }
  held.release()
  await sealing.close()
  expect(await trail.verify()).toMatchObject({ intact: true, rows: 2 })
  return trail.close()
})

test('an erased person is gone from the rows, every seal still verifies, and an event tells', async () => {
  const trail = await emptied(house)
  await trail.record(3, 'somebody')
  await trail.record(2, 'somebody else')
  await trail.seal()
  await trail.record(1, 'somebody')
  const options = { client: trail.client, maker: rowMaker(trail), now: Date.now }
  const erased = await eraseActor(options, 'somebody', { actorType: 'shell' })
  expect(erased).toMatchObject({ rows: 4 })
  const rows = await trail.query(
    `select ip, user_agent, actor_id, personal_salt from audit_logs where erasure is not null`,
  )
  expect(rows).toHaveLength(4)
  for (const row of rows) expect(Object.values(row)).toEqual([null, null, null, null])
  expect(await trail.verify()).toMatchObject({ intact: true, erased: 4 })
  await trail.seal()
  expect(await trail.verify()).toMatchObject({ intact: true, erased: 4, rows: 7 })
  const text = JSON.stringify(
    await trail.query('select * from audit_logs where event_type = $1', ['AUDIT_ERASED']),
  )
  expect(text).not.toContain('somebody')
  expect(await eraseActor(options, 'somebody', { actorType: 'shell' })).toMatchObject({ rows: 0 })
  await trail.close()
})

test('the failed logins of an erased person are emptied, and nobody else is told from them', async () => {
  const trail = await emptied(house)
  const stranger = {
    actorType: 'anonymous',
    ip: '203.0.113.8',
    userAgent: 'curl/8.5.0',
  } as const
  const failed = (id: string) =>
    trail.trail.record({
      event: 'LOGIN_FAILURE',
      origin: stranger,
      details: { reason: 'wrong_password' },
      resource: { type: 'user', id },
    })
  await failed('somebody')
  await failed('somebody else')
  await trail.record(1, 'somebody')
  const options = { client: trail.client, maker: rowMaker(trail), now: Date.now }
  expect(await eraseActor(options, 'somebody', { actorType: 'shell' })).toMatchObject({ rows: 2 })
  expect(
    await trail.query(
      `select ip, resource_id from audit_logs where event_type = 'LOGIN_FAILURE' order by resource_id`,
    ),
  ).toEqual([
    { ip: null, resource_id: 'somebody' },
    { ip: '203.0.113.8', resource_id: 'somebody else' },
  ])
  await trail.seal()
  expect(await trail.verify()).toMatchObject({ intact: true, erased: 2 })
  expect(await eraseActor(options, 'somebody', { actorType: 'shell' })).toMatchObject({ rows: 0 })
  await trail.close()
})

test('the function that erases empties personal fields and nothing else, and nobody updates without it', async () => {
  const refused = { name: 'QueryError', code: '42501' }
  const attempt = (text: string) => house.query(text).catch((error: unknown) => error)
  expect(
    await attempt(
      `update audit_logs set ip = null, user_agent = null, actor_id = null, personal_salt = null, erasure = '\\x00'`,
    ),
  ).toMatchObject(refused)
  expect(await attempt('update audit_seals set row_count = 0')).toMatchObject(refused)
  expect(await attempt('delete from audit_seal_leaves')).toMatchObject(refused)
  expect(await attempt('truncate audit_seals')).toMatchObject(refused)
  expect(
    await attempt(`select caly_drop_audit_month(to_char(now() at time zone 'UTC', 'YYYY-MM'))`),
  ).toMatchObject(refused)
  expect(await attempt(`select caly_drop_audit_month('2001-01')`)).toMatchObject(refused)
})

test('retention drops a month that is old and sealed, with a seal that says so', async () => {
  const trail = await emptied(house)
  await trail.query(oldMonth)
  const old = auditRow(login('old'), { id: uuidv7(), at: Date.UTC(2020, 4, 9) }, rowMaker(trail))
  await insertRows(trail.client, [old])
  const seals: SignedSeal[] = []
  const options = retentionOf(trail, (seal) => seals.push(seal))
  expect(await dropOldMonths(options)).toEqual([])
  await trail.seal()
  expect(await dropOldMonths(options)).toEqual(['2020-05'])
  expect(seals).toMatchObject([{ kind: 'drop', month: '2020-05', rowCount: 1, totalCount: 1 }])
  expect(await trail.query(`select to_regclass('audit_logs_2020_05') as gone`)).toEqual([
    { gone: null },
  ])
  await trail.seal()
  expect(await trail.verify()).toMatchObject({
    intact: true,
    dropped: ['2020-05'],
    rows: 1,
    seals: 3,
  })
  expect(await trail.query('select event_type, details from audit_logs')).toEqual([
    { event_type: 'AUDIT_MONTH_DROPPED', details: { month: '2020-05', rows: 1 } },
  ])
  await trail.close()
})

test('a clock that is ahead, or a setting below that of the owner, drops nothing', async () => {
  const trail = await openTrail()
  const last = new Date()
  last.setUTCMonth(last.getUTCMonth() - 2, 1)
  last.setUTCHours(0, 0, 0, 0)
  const end = new Date(last)
  end.setUTCMonth(end.getUTCMonth() + 1)
  const name = `audit_logs_${last.toISOString().slice(0, 7).replace('-', '_')}`
  await trail.query(`create table ${name} partition of audit_logs
    for values from ('${last.toISOString()}') to ('${end.toISOString()}')`)
  await trail.record(1)
  await trail.seal()
  const options = retentionOf(trail)
  const ahead = () => Date.now() + 500 * 86_400_000
  expect(await dropOldMonths({ ...options, now: ahead })).toEqual([])
  expect(await dropOldMonths({ ...options, days: 1 })).toEqual([])
  await trail.home.database.migrate({ auditRetentionDays: 1 })
  const behind = () => Date.now() - 500 * 86_400_000
  expect(await dropOldMonths({ ...options, days: 1, now: behind })).toEqual([])
  expect(await dropOldMonths({ ...options, days: 1 })).toEqual([
    name.slice('audit_logs_'.length).replace('_', '-'),
  ])
  await trail.close()
})

test('a month that retention would drop in the middle of a check stays until the check is over', async () => {
  const trail = await emptied(house)
  if (trail.home.database.embedded) return trail.close()
  await trail.query(oldMonth)
  const old = auditRow(login('old'), { id: uuidv7(), at: Date.UTC(2020, 4, 9) }, rowMaker(trail))
  await insertRows(trail.client, [old])
  await trail.seal()
  const retention = { ...trail.maker, maker: rowMaker(trail), days: 365, onSeal: () => undefined }
  const held = await trail.client.connect({ label: 'in the way', patient: true })
  await held.query('begin')
  await held.query('lock table audit_seal_keys in access exclusive mode')
  const waitingFor = (table: string) =>
    eventually(
      () =>
        trail.query(`select from pg_locks where relation = '${table}'::regclass and not granted`),
      ({ length }) => length === 1,
    )
  const report = trail.verify()
  await waitingFor('audit_seal_keys')
  const once = new AbortController()
  const dropping = dropOldMonths(retention, once.signal)
  await waitingFor('audit_logs')
  once.abort()
  expect(await dropping).toEqual([])
  await held.query('rollback')
  held.release()
  expect(await report).toMatchObject({ intact: true, rows: 1 })
  expect(await dropOldMonths(retention)).toEqual(['2020-05'])
  return trail.close()
})

test('a month that is dropped without a seal is a finding for each of its rows', async () => {
  const trail = await openTrail()
  await trail.record(3)
  await trail.seal()
  const month = new Date().toISOString().slice(0, 7).replace('-', '_')
  await trail.query(`drop table audit_logs_${month}`)
  expect((await trail.verify()).findings.map(({ kind }) => kind)).toEqual(
    Array(3).fill('row_removed'),
  )
  await trail.close()
})

test('a row is proven without the database, with or without its personal fields', async () => {
  const trail = await emptied(house)
  await trail.record(7, 'somebody')
  await trail.seal()
  const [, , third] = await trail.query('select id from audit_logs order by id')
  const proofs = []
  for (const personal of [true, false]) {
    const options = { ...trail, publicKeys: trail.maker.keys.publicKeys, personal }
    proofs.push(JSON.stringify(await proveRow(options, String(third?.['id']))))
  }
  const keyId = trail.maker.keys.id
  expect(proofs[0]).toContain('somebody')
  expect(proofs[1]).not.toContain('somebody')
  for (const text of proofs) {
    const proof = proofFormat.assert(JSON.parse(text))
    expect(await checkProof(proof, { keyId })).toEqual([])
    const forgeries: [Proof, string][] = [
      [{ ...proof, row: { ...proof.row, eventType: 'LOGOUT' } }, 'not in the seal'],
      [{ ...proof, row: { ...proof.row, writtenBy: '1' } }, 'not in the seal'],
      [{ ...proof, leafIndex: proof.leafIndex + 1 }, 'not in the seal'],
      [{ ...proof, path: proof.path.slice(1) }, 'not in the seal'],
      [{ ...proof, seal: { ...proof.seal, position: 9 } }, 'not as it was signed'],
      [{ ...proof, publicKey: '00'.repeat(32) }, 'another key'],
    ]
    if (proof.personal)
      forgeries.push([{ ...proof, personal: { ...proof.personal, ip: '::1' } }, 'personal fields'])
    for (const [forgery, why] of forgeries)
      expect((await checkProof(forgery, { keyId })).join()).toContain(why)
  }
  await trail.close()
})

test('an anchor in a file tells that the tail was cut off, and that all was emptied', async () => {
  const trail = await emptied(house)
  const path = join(folder, 'anchor')
  await writeFile(path, '{"seal": torn')
  const anchor = openAnchor({ target: path, onState: () => undefined })
  for (let round = 0; round < 3; round += 1) {
    await trail.record(2)
    for (const seal of await trail.seal()) anchor.add(seal)
  }
  await anchor.close(5000)
  const anchors = await readAnchors(path)
  expect(await trail.verify({ anchors })).toMatchObject({ intact: true, anchored: 3 })
  const cut = 'where written_by >= (select from_xid from audit_seals where position = 3)'
  await trail.tamper(
    `delete from audit_logs ${cut}`,
    'delete from audit_seal_leaves where position = 3',
    'delete from audit_seals where position = 3',
  )
  expect(await trail.verify()).toMatchObject({ intact: true })
  expect((await trail.verify({ anchors })).findings).toEqual([
    expect.objectContaining({ kind: 'anchor_missing', position: 3 }),
  ])
  // The service goes on: another third seal, which is not the one that was anchored.
  await trail.record(1)
  await trail.seal()
  expect((await trail.verify({ anchors })).findings).toEqual([
    expect.objectContaining({ kind: 'anchor_differs', position: 3 }),
  ])
  await trail.tamper('truncate audit_logs, audit_seals, audit_seal_leaves, audit_seal_keys')
  expect((await trail.verify({ anchors })).findings).toEqual([
    expect.objectContaining({ kind: 'anchor_missing', position: 1 }),
  ])
  await trail.close()
})

test('an anchor behind a URL gets every seal in order, after an outage too, and nobody waits for it', async () => {
  const trail = await emptied(house)
  const got: number[] = []
  let broken = true
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    if (!broken) got.push(JSON.parse(text).seal.position)
    response.writeHead(broken ? 503 : 204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const states: boolean[] = []
  const anchor = openAnchor({
    target: `http://127.0.0.1:${port}/anchor`,
    onState: (error) => states.push(error === undefined),
    retryDelay: 20,
  })
  await trail.record(1)
  for (const seal of await trail.seal()) anchor.add(seal)
  await eventually(
    async () => states.length,
    (count) => count === 1,
  )
  await trail.record(1)
  for (const seal of await trail.seal()) anchor.add(seal)
  broken = false
  await eventually(
    async () => got.length,
    (count) => count === 2,
  )
  expect(got).toEqual([1, 2])
  expect(states).toEqual([false, true])
  await anchor.close(1000)
  server.close()
  await trail.close()
  expect(await readFile(join(folder, 'anchor'), 'utf8')).not.toContain('somebody')
})
