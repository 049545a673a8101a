/** `caly/audit`: a foreign app's refusals and events in a database of their own. */
import { afterAll, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Elysia, t } from 'elysia'
import postgres from 'postgres'
import { audit, openTrail, requestOrigin } from '../../src/plugins/audit.ts'
import { caly } from '../../src/plugins/index.ts'
import { createScratchDatabase } from '../support/database.ts'

const database = await createScratchDatabase(false)
const folder = await mkdtemp(join(tmpdir(), 'caly-plugin-'))
const encryptionKeys = ['5'.repeat(64)]

afterAll(async () => {
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

test('events of handlers and refusals of hooks are rows, once the trail is closed', async () => {
  const trail = openTrail({ postgres: database?.url ?? '', encryptionKeys, folder })
  const app = new Elysia()
    .use(caly({ audit: trail, telemetry: false, log: false }))
    .use(audit(trail))
    .post(
      '/people',
      async ({ audit, body }) => {
        const details = { of: 'people', count: body.count }
        await audit.record({ event: 'DATA_CREATED', origin: requestOrigin(), details })
        return 'done'
      },
      { body: t.Object({ count: t.Number() }) },
    )
  const post = (count: unknown) =>
    app.handle(
      new Request('http://localhost/people', {
        method: 'POST',
        body: JSON.stringify({ count }),
        headers: { 'content-type': 'application/json', 'x-request-id': `request-${count}` },
      }),
    )
  await trail.ready()
  expect((await post(3)).status).toBe(200)
  expect((await post('many')).status).toBe(422)
  await trail.close()
  const sql = postgres(database?.url ?? '', { max: 1 })
  const rows = await sql`select event_type, request_id, path, details from audit_logs
    where event_type in ('DATA_CREATED', 'VALIDATION_FAILED') and request_id is not null order by 1`
  await sql.end()
  expect([...rows]).toEqual([
    {
      event_type: 'DATA_CREATED',
      request_id: 'request-3',
      path: '/people',
      details: { of: 'people', count: 3 },
    },
    {
      event_type: 'VALIDATION_FAILED',
      request_id: 'request-many',
      path: '/people',
      details: { code: 'VALIDATION_FAILED', fields: ['body.count'] },
    },
  ])
})

test('where the database cannot be reached events wait on disk, and the trail says why', async () => {
  const waiting = join(folder, 'waiting')
  const url = 'postgres://nobody:wrong@127.0.0.1:1/none'
  const trail = openTrail({ postgres: url, encryptionKeys, folder: waiting })
  const details = { of: 'people', count: 1 }
  await trail.trail.record({ event: 'DATA_CREATED', origin: requestOrigin(), details })
  expect(trail.warning()).toBe('audit events wait on disk for the database')
  await expect(trail.ready()).rejects.toThrow('nothing listens there')
  await trail.close(200)
  expect((await readdir(waiting)).length).toBeGreaterThan(0)
})
