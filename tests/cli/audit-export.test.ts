/** `caly audit export`, beside a running service. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { adminOf, type Client } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, startCaly } from '../support/process.ts'

setDefaultTimeout(60_000)

let caly: Caly
let admin: Client
let client: string
beforeAll(async () => {
  caly = await startCaly()
  admin = await adminOf(caly)
  const database = await openDatabaseOf(caly)
  const [row] = await database.query('select id from clients where is_platform')
  await database.close()
  client = String(row?.['id'])
})
afterAll(() => caly.stop())

const exported = (...args: string[]) =>
  runCommand(caly, ['audit', 'export', '--client', client, ...args])

const typesIn = (output: string): string[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).eventType)

test('a trail is printed as lines of JSON, oldest first, its own export among them', async () => {
  const { code, output } = await exported()
  expect(code).toBe(0)
  const types = typesIn(output)
  expect(types.slice(0, 3)).toEqual(['CLIENT_CREATED', 'USER_CREATED', 'API_KEY_GENERATED'])
  expect(types.at(-1)).toBe('DATA_EXPORTED')
})

test('a client that does not exist has no trail, and no event tells of it', async () => {
  const unknown = crypto.randomUUID()
  const { code, output } = await runCommand(caly, ['audit', 'export', '--client', unknown])
  expect(output).toBe('There is no client with this id\n')
  expect(code).toBe(1)
  const database = await openDatabaseOf(caly)
  expect(await database.query('select 1 from audit_logs where client_id = $1', [unknown])).toEqual(
    [],
  )
  await database.close()
})

test("a person's own trail is printed, and nobody else's events", async () => {
  const body = {
    email: 'ada@example.com',
    name: 'Ada',
    role: 'operator',
    password: caly.admin.password,
  }
  const { body: ada } = await admin('POST', '/api/users', body)
  await admin('PATCH', `/api/users/${ada.id}`, { name: 'Ada King' })
  const { output } = await exported('--subject', ada.id)
  expect(typesIn(output)).toEqual(['USER_CREATED', 'USER_UPDATED'])
})

test('a trail is narrowed as the API narrows it, and printed as a table', async () => {
  const { code, output } = await exported('--format', 'csv', '--event-type', 'USER_*')
  expect(code).toBe(0)
  const [head, ...lines] = output.trimEnd().split('\r\n')
  expect(head).toStartWith('id,createdAt,eventType,')
  expect(lines.map((line) => line.split(',')[2])).toEqual(
    lines.map(() => expect.stringMatching(/^"USER_/)),
  )
  expect(lines.length).toBeGreaterThan(0)
})

test('what cannot be a filter is named, with exit code 2', async () => {
  for (const [option, value] of [
    ['--severity', 'LOUD'],
    ['--event-type', 'NO_SUCH'],
    ['--from', 'yesterday'],
    ['--format', 'xml'],
  ] as const) {
    const { code, output } = await exported(option, value)
    expect([option, code]).toEqual([option, 2])
    expect(output).toContain(`${option} must be `)
    expect(output).not.toContain(value)
  }
})
