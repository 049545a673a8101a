/** What a superuser does to the trail, with the triggers off, and what the verifier says of it. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { v7 as uuidv7 } from 'uuid'
import { secondOpinion } from '../audit/second-verifier.ts'
import { openTrail, type TrailHouse } from '../audit/trail-house.ts'
import { clientOf } from '../support/client.ts'
import { eventually, startCaly } from '../support/process.ts'

// Sealing waits for the transactions of other tests on the server.
setDefaultTimeout(60_000)

let house: TrailHouse

let sql: postgres.Sql

beforeAll(async () => {
  house = await openTrail()
  sql = postgres(house.home.settings.url ?? '', { max: 1, onnotice: () => {} })
})
afterAll(async () => {
  await sql.end()
  await house.close()
})

/** What the verifier says, after the second one has said the same. */
async function verdict() {
  const report = await house.verify()
  const second = await secondOpinion(sql, house.maker.keys.id)
  // The second one has no key for the MACs, by which rows that are not sealed yet are judged.
  const sealed = report.findings.filter(
    ({ kind, position }) => kind !== 'row_forged' || position !== undefined,
  )
  expect({ findings: sealed.length > 0 }).toEqual({ findings: second.length > 0 })
  return report
}

/** Four seals of five rows, and two rows that are not sealed yet. */
beforeEach(async () => {
  await house.tamper(
    'truncate audit_logs, audit_seals, audit_seal_leaves, audit_seal_keys',
    'update audit_seal_start set xid = pg_snapshot_xmax(pg_current_snapshot())',
  )
  for (let seal = 0; seal < 4; seal += 1) {
    await house.record(5)
    await house.seal()
  }
  await house.record(2)
})

/** The ids of all rows, oldest first. */
const ids = async () =>
  (await house.query('select id from audit_logs order by written_by, id')).map(({ id }) =>
    String(id),
  )

test('an untouched trail is intact, and the verifier counts what it read', async () => {
  expect(await verdict()).toMatchObject({
    intact: true,
    rows: 22,
    unsealed: 2,
    seals: 4,
    head: { position: 4, totalCount: 20 },
    findings: [],
  })
})

const edits = [
  `event_type = 'LOGOUT'`,
  `created_at = created_at + interval '1 second'`,
  `client_id = gen_random_uuid()`,
  `request_id = null`,
  `status_code = 500`,
  `path = ''`,
  `details = '{"reason": "x"}'`,
  `details = '{"a": 1e999}'`,
  `personal_commitment = sha256('x')`,
]
for (const edit of edits)
  test(`a sealed row whose ${edit} is named`, async () => {
    const rowId = (await ids())[7]
    await house.tamper(`update audit_logs set ${edit} where id = '${rowId}'`)
    const { intact, findings } = await verdict()
    expect(intact).toBe(false)
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'row_changed', rowId, position: 2 }),
    )
  })

test('a row that is not sealed yet and is edited is named', async () => {
  const rowId = (await ids())[21]
  await house.tamper(`update audit_logs set outcome = 'denied' where id = '${rowId}'`)
  const { findings } = await verdict()
  expect(findings).toEqual([expect.objectContaining({ kind: 'row_forged', rowId })])
})

for (const field of [`ip = '192.0.2.1'`, 'user_agent = null', `actor_id = 'somebody else'`])
  test(`a row whose personal ${field} is named`, async () => {
    const rowId = (await ids())[3]
    await house.tamper(`update audit_logs set ${field} where id = '${rowId}'`)
    const { findings } = await verdict()
    expect(findings).toEqual([expect.objectContaining({ kind: 'personal_changed', rowId })])
  })

test('personal fields that are emptied without an erasure are named', async () => {
  const [first, second] = await ids()
  const empty = 'ip = null, user_agent = null, actor_id = null, personal_salt = null'
  await house.tamper(
    `update audit_logs set ${empty} where id = '${first}'`,
    `update audit_logs set ${empty}, erasure = sha256('x') where id = '${second}'`,
  )
  const { findings } = await verdict()
  expect(findings).toEqual([
    expect.objectContaining({ kind: 'personal_emptied', rowId: first }),
    expect.objectContaining({ kind: 'personal_emptied', rowId: second }),
  ])
})

test('a deleted row is named', async () => {
  const rowId = (await ids())[12]
  await house.tamper(`delete from audit_logs where id = '${rowId}'`)
  const { findings } = await verdict()
  expect(findings).toEqual([expect.objectContaining({ kind: 'row_removed', rowId, position: 3 })])
})

test('two rows that change places are named', async () => {
  const [first, second] = await ids()
  await house.tamper(`
    update audit_logs a set written_by = b.written_by from audit_logs b
    where a.id in ('${first}', '${second}') and b.id in ('${first}', '${second}') and a.id <> b.id`)
  const { findings } = await verdict()
  expect(findings).toEqual([
    expect.objectContaining({ kind: 'row_changed', rowId: first }),
    expect.objectContaining({ kind: 'row_changed', rowId: second }),
  ])
})

test('a row that is moved to another seal, or out of reach of all, is named', async () => {
  const [first, second] = await ids()
  await house.tamper(
    `update audit_logs set written_by = (select from_xid from audit_seals where position = 3)
     where id = '${first}'`,
    `update audit_logs set written_by = '9000000000000000000' where id = '${second}'`,
  )
  const { findings } = await verdict()
  expect(findings).toEqual([
    expect.objectContaining({ kind: 'row_moved', rowId: first, position: 1 }),
    expect.objectContaining({ kind: 'row_moved', rowId: second, position: 1 }),
    expect.objectContaining({ kind: 'row_inserted', rowId: first, position: 3 }),
    expect.objectContaining({ kind: 'row_moved', rowId: second }),
  ])
})

test('a row that is kept from being sealed by a transaction that is yet to come is named', async () => {
  const rowId = (await ids())[21]
  await house.tamper(
    `update audit_logs set written_by = '9000000000000000000' where id = '${rowId}'`,
  )
  const { findings } = await verdict()
  expect(findings).toEqual([expect.objectContaining({ kind: 'row_moved', rowId })])
})

/** A copy of the first row with another id, written by the given transaction. */
const copied = (id: string, writtenBy: string, mac = 'mac') => `
  insert into audit_logs (id, created_at, event_type, severity, outcome, client_id, actor_type,
    personal_salt, personal_commitment, mac, ip, user_agent, actor_id, request_id, method, path,
    written_by)
  select '${id}', created_at, event_type, severity, outcome, client_id, actor_type, personal_salt,
    personal_commitment, ${mac}, ip, user_agent, actor_id, request_id, method, path, ${writtenBy}
  from audit_logs order by written_by limit 1`

test('a row that is inserted among sealed ones is named', async () => {
  const rowId = uuidv7()
  await house.tamper(copied(rowId, '(select from_xid from audit_seals where position = 2)'))
  const { findings } = await verdict()
  expect(findings).toEqual([expect.objectContaining({ kind: 'row_inserted', rowId, position: 2 })])
})

test('a forged row is named before it is sealed and after, with its seal saying so', async () => {
  const rowId = uuidv7()
  await house.tamper(copied(rowId, 'pg_current_xact_id()'))
  const before = await verdict()
  expect(before.findings).toEqual([expect.objectContaining({ kind: 'row_forged', rowId })])
  const [seal] = await house.seal()
  expect(seal).toMatchObject({ rowCount: 3, forgedCount: 1 })
  const after = await verdict()
  expect(after.findings).toEqual([
    expect.objectContaining({ kind: 'row_forged', rowId, position: 5 }),
  ])
})

test('a forged row without a MAC cannot pass for one that is older than the seals', async () => {
  const [old, young] = [uuidv7(), uuidv7()]
  await house.tamper(
    'alter table audit_logs drop constraint audit_logs_mac',
    copied(old, `'5'`, 'null'),
    copied(young, 'pg_current_xact_id()', 'null'),
    `update audit_seal_start set xid = '9000000000000000000'`,
  )
  const { findings } = await verdict()
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'row_inserted', rowId: old }))
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'row_forged', rowId: young }))
})

test('a month that nobody sealed holds no row unseen', async () => {
  const rowId = uuidv7()
  await house.tamper(
    `create table audit_logs_1999_01 partition of audit_logs
       for values from ('1999-01-01 00:00:00+00') to ('1999-02-01 00:00:00+00')`,
    'create table elsewhere partition of audit_logs default',
    copied(rowId, `'7'`).replace(
      'created_at, event_type, severity, outcome, client_id, actor_type, personal_salt',
      `'1999-01-05', event_type, severity, outcome, client_id, actor_type, personal_salt`,
    ),
    copied(rowId, `'7'`).replace(
      'created_at, event_type, severity, outcome, client_id, actor_type, personal_salt',
      `'2090-01-05', event_type, severity, outcome, client_id, actor_type, personal_salt`,
    ),
  )
  const { findings } = await verdict()
  expect(
    findings.filter((finding) => finding.rowId === rowId && finding.kind === 'row_inserted'),
  ).toHaveLength(2)
  await house.tamper('drop table audit_logs_1999_01, elsewhere')
})

test('rows whose end is cut off are named, and so is an emptied table', async () => {
  const all = await ids()
  const cut = all.slice(17, 20)
  await house.tamper(`delete from audit_logs where id in ('${cut.join("', '")}')`)
  const { findings } = await verdict()
  expect(findings.map(({ kind, rowId }) => [kind, rowId])).toEqual(
    cut.map((rowId) => ['row_removed', rowId]),
  )
  await house.tamper('truncate audit_logs')
  const emptied = await verdict()
  expect(emptied.findings.filter(({ kind }) => kind === 'row_removed')).toHaveLength(20)
})

test('a row removed with the leaves of its seal leaves a finding that names the seal', async () => {
  const rowId = (await ids())[0]
  await house.tamper(
    `delete from audit_logs where id = '${rowId}'`,
    `update audit_seal_leaves set leaves = substring(leaves from 49) where position = 1`,
  )
  const { findings } = await verdict()
  expect(findings).toEqual([
    expect.objectContaining({ kind: 'leaves_changed', position: 1 }),
    expect.objectContaining({ kind: 'row_removed', position: 1 }),
  ])
})

const sealEdits = [
  'row_count = row_count - 1',
  'forged_count = 1',
  'total_count = 1',
  `root = sha256('x')`,
  `root = '\\x00'`,
  `from_xid = '1'`,
  `to_xid = '9000000000000000000'`,
  `month = '2001-01'`,
  `kind = 'drop'`,
  `created_at = created_at + interval '1 second'`,
  `signature = '\\x00'`,
  'version = 2',
]
for (const edit of sealEdits)
  test(`a seal whose ${edit} is named`, async () => {
    await house.tamper(`update audit_seals set ${edit} where position = 2`)
    const { intact, findings } = await verdict()
    expect(intact).toBe(false)
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'seal_changed', position: 2 }))
  })

test('a seal that is taken out of the chain is missed', async () => {
  await house.tamper('delete from audit_seals where position = 2')
  const { findings } = await verdict()
  expect(findings).toEqual([expect.objectContaining({ kind: 'seal_missing', position: 2 })])
})

test('seals that change places are named', async () => {
  await house.tamper(
    'update audit_seals set position = -2 where position = 2',
    'update audit_seals set position = 2 where position = 3',
    'update audit_seals set position = 3 where position = -2',
  )
  const { findings } = await verdict()
  for (const position of [2, 3])
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'seal_changed', position }))
})

test('a chain that somebody else signed anew is not believed, whatever key they leave', async () => {
  const other = await openTrail({ keys: ['66'.repeat(32)] })
  await other.record(3)
  const [{ keyId, signature } = await noSeal()] = await other.seal()
  await house.tamper(
    `update audit_seals set key_id = '${keyId}', signature = '\\x${Buffer.from(signature).toString('hex')}' where position = 4`,
    `insert into audit_seal_keys (key_id, public_key) values ('${keyId}', '\\x${Buffer.from(other.maker.keys.publicKeys.get(keyId) ?? []).toString('hex')}')`,
  )
  await other.close()
  const { findings } = await verdict()
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'key_unknown', position: 4 }))
})

test('a service adds nothing to a chain that somebody else signed anew, and warns at once', async () => {
  const caly = await startCaly()
  const seals = postgres(caly.env['DATABASE_URL'] ?? '', { max: 1, onnotice: () => {} })
  const check = async () => (await clientOf(caly)('GET', '/health/ready')).body.checks.auditSeals
  const count = () => seals`select from audit_seals`
  try {
    await eventually(count, ({ length }) => length > 0, 30_000)
    await seals.begin(async (sql) => {
      await sql`set local session_replication_role = replica`
      await sql`update audit_seals set key_id = 'another'`
    })
    expect(await eventually(check, ({ status }) => status === 'warn')).toMatchObject({
      reason: expect.stringContaining('cannot be trusted'),
    })
    expect(caly.output()).toContain('seal 1 is another one than this process has seen')
  } finally {
    await seals.end()
    await caly.stop()
  }
})

const noSeal = (): Promise<never> => Promise.reject(new Error('nothing was sealed'))
