/** A service whose one route reads its body as the webhook does, and gives it back in hexadecimal. */
import process from 'node:process'
import { Elysia } from 'elysia'
import { bodyLimit, readBody } from '../../src/hooks/body-limit/index.ts'
import { serve } from '../../src/server.ts'

const limit = 100_000
const app = new Elysia()
  .use(bodyLimit({ limit, raw: ['/raw'] }))
  .get('/health/ready', () => 'ready')
  .post('/raw', async ({ request }) => Buffer.from(await readBody(request, limit)).toString('hex'))

await serve({
  fetch: (request) => app.fetch(request),
  host: '127.0.0.1',
  port: Number(process.env['PORT']),
  maxBodySize: 10 * limit,
  idleTimeout: 10_000,
})
