/** A stop under load: nothing that was accepted is lost, and load balancers are told first. */
import { afterEach, expect, test } from 'bun:test'
import { adminOf, clientOf } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'

let caly: Caly | undefined
afterEach(async () => {
  await caly?.stop()
  caly = undefined
}, 30_000)

test('SIGTERM under load answers every accepted request, and exits 0', async () => {
  caly = await startCaly({ env: { RATE_LIMIT_API: 'off', RATE_LIMIT_GLOBAL: 'off' } })
  const admin = await adminOf(caly)
  const accepted: string[] = []
  let failures = 0
  let running = true
  const client = async () => {
    while (running) {
      try {
        const call = { from: '+912233445566', to: '+919876543210' }
        const { status, body } = await admin('POST', '/api/calls', call)
        if (status === 202) accepted.push(body.id)
        else failures++
      } catch {
        // The listener is closed: nobody has accepted this one.
        return
      }
    }
  }
  const clients = Array.from({ length: 8 }, client)
  await eventually(
    async () => accepted.length,
    (count) => count >= 40,
  )
  caly.child.kill('SIGTERM')
  const code = await caly.exited()
  running = false
  await Promise.all(clients)
  expect(code).toBe(0)
  expect(failures).toBe(0)

  const again = await startCaly({ env: caly.env })
  try {
    const database = await openDatabaseOf(again)
    const rows = await database.query('SELECT id FROM calls')
    await database.close()
    expect(rows.map((row) => row['id']).sort()).toEqual(accepted.sort())
  } finally {
    again.child.kill('SIGTERM')
    await again.exited()
  }
}, 120_000)

test('while it drains, ready answers 503 and requests are still served', async () => {
  caly = await startCaly({ env: { SHUTDOWN_DELAY: '1500' } })
  const client = clientOf(caly)
  caly.child.kill('SIGTERM')
  const ready = await eventually(
    () => client('GET', '/health/ready'),
    ({ status }) => status === 503,
    1000,
  )
  expect(ready.body.checks.shutdown).toMatchObject({ status: 'fail' })
  expect((await client('GET', '/health/live')).status).toBe(200)
  const served = await client('GET', '/api')
  expect(served.status).toBe(200)
  expect(served.headers.get('connection')).toBe('close')
  expect(await caly.exited()).toBe(0)
}, 60_000)

test('a second signal ends it at once', async () => {
  caly = await startCaly({ env: { SHUTDOWN_DELAY: '30000' } })
  caly.child.kill('SIGTERM')
  await eventually(
    async () => caly?.output() ?? '',
    (output) => output.includes('stopping'),
  )
  const asked = performance.now()
  caly.child.kill('SIGTERM')
  expect(await caly.exited()).toBe(1)
  expect(performance.now() - asked).toBeLessThan(2000)
}, 60_000)

test('the audit trail tells when it served', async () => {
  caly = await startCaly()
  const { env } = caly
  caly.child.kill('SIGTERM')
  expect(await caly.exited()).toBe(0)
  const again = await startCaly({ env })
  const database = await openDatabaseOf(again)
  // A start is recorded while it serves already.
  const rows = await eventually(
    () =>
      database.query(
        "SELECT event_type FROM audit_logs WHERE event_type LIKE 'SERVICE_%' ORDER BY created_at, id",
      ),
    (found) => found.length > 2,
  )
  await database.close()
  expect(rows.map((row) => row['event_type'])).toEqual([
    'SERVICE_STARTED',
    'SERVICE_STOPPED',
    'SERVICE_STARTED',
  ])
  again.child.kill('SIGTERM')
  await again.exited()
}, 90_000)
