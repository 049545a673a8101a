/** `caly audit …` beside a running service. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adminOf } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'

setDefaultTimeout(60_000)

let caly: Caly
let folder: string
let database: Awaited<ReturnType<typeof openDatabaseOf>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caly-audit-'))
  caly = await startCaly({ env: { AUDIT_ANCHOR: join(folder, 'anchor') } })
  await adminOf(caly)
  database = await openDatabaseOf(caly)
  await eventually(
    () => unsealedLogins(),
    (rows) => rows.length === 0,
    30_000,
  )
})
afterAll(async () => {
  await database.close()
  await caly.stop()
  await rm(folder, { recursive: true })
})

const unsealedLogins = () =>
  database.query(`select 1 from audit_logs where event_type = 'LOGIN_SUCCESS'
    and not exists (select from audit_seals where written_by < to_xid)`)

const loginRow = async () => {
  const [row] = await database.query(
    `select id, actor_id from audit_logs where event_type = 'LOGIN_SUCCESS' limit 1`,
  )
  return { id: String(row?.['id']), actorId: String(row?.['actor_id']) }
}

test('the trail of a running service is intact, also beside its anchor, and its log tells the head', async () => {
  const anchor = join(folder, 'anchor')
  const { code, output } = await runCommand(caly, ['audit', 'verify', '--anchor', anchor])
  expect(output).toContain('The trail is intact')
  expect(output).toMatch(/\d+ seals checked, [1-9]\d* anchored ones compared/)
  expect(code).toBe(0)
  const [line = ''] = (await readFile(anchor, 'utf8')).split('\n')
  const { seal } = JSON.parse(line)
  expect(caly.output()).toContain(`"root":"${seal.root}"`)
  expect(caly.output()).toContain(`"keyId":"${seal.keyId}"`)
})

test('without --anchor the trail is compared with the file of AUDIT_ANCHOR, where that is there', async () => {
  const anchor = join(folder, 'anchor')
  const found = await runCommand(caly, ['audit', 'verify'])
  expect(found.output).toMatch(/[1-9]\d* anchored ones compared/)
  expect(found.output).toContain(anchor)
  expect(found.code).toBe(0)
  const env = { ...caly.env, AUDIT_ANCHOR: join(folder, 'nothing') }
  const { code, output } = await runCommand({ env }, ['audit', 'verify'])
  expect(output).toContain('none of them against an anchor')
  expect(code).toBe(0)
})

test('a row is proven to somebody who has neither database nor configuration', async () => {
  const { id } = await loginRow()
  const proven = await runCommand(caly, ['audit', 'prove', id])
  expect(proven.code).toBe(0)
  const file = join(folder, 'proof.json')
  await writeFile(file, proven.output)
  const { keyId } = JSON.parse(proven.output).seal
  const stranger = { env: { PATH: caly.env['PATH'] ?? '' } }
  const right = await runCommand(stranger, ['audit', 'check', file, '--key', keyId])
  expect(right).toMatchObject({ code: 0 })
  expect(right.output).toContain(`Proven: LOGIN_SUCCESS ${id}`)
  const wrong = await runCommand(stranger, ['audit', 'check', file, '--key', 'another'])
  expect(wrong).toMatchObject({ code: 1 })
  await writeFile(file, proven.output.replace('LOGIN_SUCCESS', 'LOGOUT'))
  const forged = await runCommand(stranger, ['audit', 'check', file, '--key', keyId])
  expect(forged).toMatchObject({ code: 1 })
  expect(forged.output).toContain('The row is not in the seal')
})

test('wrong usage says what is expected, and exits with 2', async () => {
  for (const args of [
    ['audit', 'prove'],
    ['audit', 'prove', 'no-id'],
    ['audit', 'check', join(folder, 'proof.json')],
    ['audit', 'check', join(folder, 'nothing'), '--key', 'x'],
    ['audit', 'verify', '--anchor', join(folder, 'nothing')],
    ['audit', 'verify', 'something'],
    ['audit', 'erase'],
  ]) {
    const { code, output } = await runCommand(caly, args)
    expect([args, code]).toEqual([args, 2])
    expect(output).toContain(`Usage: caly ${args.slice(0, 2).join(' ')}`)
  }
  const absent = '01900000-0000-7000-8000-00000000ffff'
  expect(await runCommand(caly, ['audit', 'prove', absent])).toMatchObject({ code: 1 })
})

test('an id that the trail does not know is not erased, but told of', async () => {
  const { code, output } = await runCommand(caly, ['audit', 'erase', '--actor', 'nope'])
  expect(output).toContain('Nothing in the trail is of this id')
  expect(code).toBe(1)
})

test('a person is erased from the trail, which stays intact', async () => {
  const { id, actorId } = await loginRow()
  const erased = await runCommand(caly, ['audit', 'erase', '--actor', actorId])
  expect(erased.output).toMatch(/[1-9]\d* rows emptied/)
  const [row] = await database.query(
    'select actor_id, ip, user_agent from audit_logs where id = $1',
    [id],
  )
  expect(row).toEqual({ actor_id: null, ip: null, user_agent: null })
  const { code, output } = await runCommand(caly, ['audit', 'verify', '--json'])
  expect(code).toBe(0)
  const report = JSON.parse(output)
  expect(report).toMatchObject({ intact: true, findings: [] })
  expect(report.erased).toBeGreaterThan(0)
  expect(output).not.toContain(actorId)
})
