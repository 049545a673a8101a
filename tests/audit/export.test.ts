/** Taking the trail out of a running service, as fast or as slowly as somebody wants. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { adminOf, type Client } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'

setDefaultTimeout(120_000)

/** 12 MB as lines of JSON: more than sockets hold on the way. */
const rows = 25_000

let caly: Caly
let admin: Client
let token: string

beforeAll(async () => {
  caly = await startCaly({ env: { RATE_LIMIT_API: 'off' } })
  admin = await adminOf(caly)
  token = (await admin('POST', '/api/keys', { name: 'export', scopes: ['audit:export'] })).body.key
  const database = await openDatabaseOf(caly)
  await database.query(
    `insert into audit_logs (id, created_at, event_type, severity, outcome, client_id, actor_type,
       actor_id, user_agent, personal_commitment, mac)
     select gen_random_uuid(), now() - n * interval '1 ms', 'DATA_READ', 'DEBUG', 'success', c.id,
       'user', gen_random_uuid(), repeat('x', 80), decode(md5('') || md5(''), 'hex'),
       decode(md5('') || md5('') || '00000000', 'hex')
     from clients c, generate_series(1, $1::int) n where c.is_platform`,
    [rows],
  )
  await database.close()
})
afterAll(() => caly.stop())

/** Begins an export and reads no more than its beginning. */
function stalled(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(caly.port, '127.0.0.1', () => {
      const lines = [
        'GET /api/audit/export HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${token}`,
      ]
      socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    })
    socket.on('error', reject)
    socket.once('data', (chunk) => {
      socket.pause()
      if (chunk.toString().startsWith('HTTP/1.1 200')) resolve(socket)
      else reject(new Error(chunk.toString().slice(0, 200)))
    })
  })
}

const take = (method = 'GET', key = token) =>
  fetch(new URL('/api/audit/export', caly.baseUrl), {
    method,
    headers: { authorization: `Bearer ${key}` },
  })

/** A key of another client, made at the shell. */
async function keyOfAnother() {
  const client = (await runCommand(caly, ['clients', 'create', '--name', 'another'])).word('Client')
  const options = ['--client', client, '--name', 'export', '--scope', 'audit:export']
  return (await runCommand(caly, ['keys', 'create', ...options])).word('Key')
}

test('an export comes whole, and says so by its end', async () => {
  const response = await take()
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit.ndjson"')
  const lines = (await response.text()).trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(rows)
  expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(lines.length)
})

test('readers that stall hold no connection and keep no other client out; two at most of one are served, and none that has left counts', async () => {
  const sockets = await Promise.all([stalled(), stalled()])
  const { body } = await eventually(
    () => admin('GET', '/health/detailed'),
    (answer) => answer.body.pool.used === 0,
  )
  expect(body.status).not.toBe('fail')
  const third = await take()
  expect([third.status, third.headers.get('retry-after')]).toEqual([503, '1'])
  await third.body?.cancel()
  const other = await take('GET', await keyOfAnother())
  expect(other.status).toBe(200)
  await other.body?.cancel()
  for (const socket of sockets) socket.destroy()
  const again = await eventually(take, ({ status }) => status === 200)
  await again.body?.cancel()
})

test('HEAD tells what an export would be, takes nothing out, and leaves no event', async () => {
  const exports = async () =>
    (await admin('GET', '/api/audit?eventType=DATA_EXPORTED&limit=100')).body.items.length
  const before = await exports()
  const response = await take('HEAD')
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'application/x-ndjson',
  ])
  expect(await exports()).toBe(before)
})
