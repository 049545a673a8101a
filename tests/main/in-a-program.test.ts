/** The service within a program of somebody else's: it starts, serves and stops there, and leaves nothing. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/log/index.ts'
import { type Service, startService } from '../../src/service/index.ts'
import { type Client, clientOf } from '../support/client.ts'
import { fillDataDir } from '../support/database.ts'
import type { ApiDocument } from '../support/openapi.ts'
import { freePort } from '../support/process.ts'
import { scratchFolder } from '../support/scratch.ts'

const admin = { email: 'admin@example.com', password: 'correct horse battery staple' }
const folder = await scratchFolder('caly-program-')
let written = ''
let service: Service
let ask: Client

beforeAll(async () => {
  await fillDataDir(folder)
  const config = readConfig({
    ...{ CALY_DATA_DIR: folder, PORT: String(await freePort()), SIMULATOR_STEP: '20' },
    ...{ CALY_ADMIN_EMAIL: admin.email, CALY_ADMIN_PASSWORD: admin.password },
  })
  const { logger: log } = createLog({
    ...{ level: 'info', format: 'json' },
    write(bytes) {
      written += new TextDecoder().decode(bytes)
      return Promise.resolve(bytes.byteLength)
    },
  })
  service = await startService(config, { log })
  const baseUrl = service.url
  const { body } = await clientOf({ baseUrl })('POST', '/api/auth/login', admin)
  ask = clientOf({ baseUrl }, body.accessToken)
}, 60_000)

afterAll(async () => {
  await service.stop()
  await rm(folder, { recursive: true })
})

test('answers every list and figure of its document to its admin', async () => {
  const { body } = await ask('GET', '/docs/json')
  const { paths }: ApiDocument = body
  const readable = Object.entries(paths)
    .filter(([path, methods]) => 'get' in methods && !path.includes('{'))
    .map(([path]) => path)
  expect(readable.length).toBeGreaterThan(15)
  for (const path of readable) expect([path, (await ask('GET', path)).status]).toEqual([path, 200])
})

test('places a call, plays it to its end, and tells of both', async () => {
  const call = { from: '+912233445566', to: '+919876543210', customField: 'order 7' }
  const { status, body } = await ask('POST', '/api/calls', call)
  expect(status).toBe(202)
  const deadline = performance.now() + 20_000
  let current = body
  while (current.status !== 'completed' && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    current = (await ask('GET', `/api/calls/${body.id}`)).body
  }
  expect(current).toMatchObject({ status: 'completed', customField: 'order 7' })
  const { body: trail } = await ask('GET', `/api/audit?resourceId=${body.id}&limit=100`)
  const events = trail.items.map(({ eventType }: { eventType: string }) => eventType)
  expect(events).toContain('CALL_QUEUED')
  expect(events).toContain('CALL_PLACED')
}, 30_000)

test('refuses what is wrong, and has a trail that is whole', async () => {
  expect((await ask('POST', '/api/calls', { from: '12' })).status).toBe(422)
  expect((await ask('GET', '/api/nothing-here')).status).toBe(404)
  const verified = await ask('GET', '/api/audit/verify')
  expect(verified.body).toMatchObject({ intact: true, platform: { findingCount: 0 } })
})

test('writes a line a request, without what was sent', () => {
  expect(written).toContain('"route":"/api/calls"')
  expect(written).not.toContain('9876543210')
  expect(written).not.toContain(admin.password)
})
