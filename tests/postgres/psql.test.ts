/** The audit trail as an operator reads it: by psql, which comes with PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { adminOf, type Client } from '../support/client.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { blocksOf, shell } from '../support/readme.ts'

let caly: Caly
let admin: Client

beforeAll(async () => {
  caly = await startCaly({ env: { DATABASE_URL: '' } })
  admin = await adminOf(caly)
}, 60_000)
afterAll(() => caly.stop(), 30_000)

const psql = async (query: string) => {
  const [block = ''] = await blocksOf('Audit trail')
  const [, written = ''] = /"(select [^"]+)"/.exec(block) ?? []
  return await shell(block.replace('$PWD/.caly', caly.dataDir).replace(written, query))
}

test("the README's command shows the rows of the embedded database", async () => {
  await admin('POST', '/api/calls', { from: '+919999900001', to: '+919999900010' })
  const [block = ''] = await blocksOf('Audit trail')
  // A start is recorded while it serves already.
  const rows = await eventually(
    () => shell(block.replace('$PWD/.caly', caly.dataDir)),
    (printed) => printed.includes('SERVICE_STARTED'),
  )
  for (const event of ['LOGIN_SUCCESS', 'CALL_QUEUED']) expect(rows).toContain(event)
})

test("the operators' queries run as they stand", async () => {
  const logins = await psql(
    "SELECT * FROM audit_logs WHERE event_type LIKE 'LOGIN_%' ORDER BY created_at DESC LIMIT 50;",
  )
  expect(logins).toContain('LOGIN_SUCCESS')
  expect(logins).not.toContain('CALL_QUEUED')
  const critical = "SELECT * FROM audit_logs WHERE severity = 'CRITICAL' ORDER BY created_at DESC;"
  expect(await psql(critical)).toContain('(0 rows)')
})

test('no row can be changed or deleted', async () => {
  for (const change of ['update audit_logs set path = null', 'delete from audit_logs'])
    await expect(psql(change)).rejects.toThrow('exit code')
})
