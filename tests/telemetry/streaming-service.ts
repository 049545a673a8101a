/** A service whose answers stream, on whichever runtime: some end, some wait, some go on for ever. */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Elysia } from 'elysia'
import { readConfig } from '../../src/config.ts'
import { serve } from '../../src/server.ts'
import { requestTelemetry, startTelemetry } from '../../telemetry/index.ts'

const config = readConfig(process.env)
const telemetry = await startTelemetry({
  settings: config.telemetry,
  version: '0.0.0-test',
  instanceId: 'streaming',
})

const piece = new Uint8Array(65_536)

/** Pieces as long as `next` gives some: undefined ends the body. */
function stream(next: (index: number) => Promise<Uint8Array | undefined>): Response {
  let index = 0
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const value = await next(index++)
        if (value === undefined) controller.close()
        else controller.enqueue(value)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>, {
    headers: { 'content-type': 'audio/mpeg' },
  })
}

const app = new Elysia()
  .use(requestTelemetry(telemetry))
  .get('/health/ready', () => 'ready')
  .get('/metrics', async () => (await telemetry.exposition()).body)
  .get('/ends', () => stream(async (index) => (index < 10 ? piece : undefined)))
  .get('/waits', () =>
    stream(async (index) => (index === 0 ? piece : new Promise(() => undefined))),
  )
  .get('/goes-on', () =>
    stream(async () => {
      await sleep(1)
      return piece
    }),
  )
  .get('/breaks', () =>
    stream(async (index) => {
      if (index === 0) return piece
      throw new RangeError('It breaks off')
    }),
  )

const server = await serve({
  fetch: (request) => app.fetch(request),
  host: '127.0.0.1',
  port: config.listen.port,
  maxBodySize: 1024,
  idleTimeout: 30_000,
})

process.once('SIGTERM', async () => {
  await server.stop(1000)
  await telemetry.shutdown(2000)
  process.exit(0)
})
