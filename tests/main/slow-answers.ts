/** A service that takes its time over an answer, and says at its end how many answers it cut. */
import process from 'node:process'
import { serve } from '../../src/server.ts'

/** Milliseconds between two of the pieces. */
const pause = 100
const pieces = 15

const wait = (time: number) => new Promise((resolve) => setTimeout(resolve, time))

function slowly(): Response {
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await wait(pause)
      controller.enqueue(new Uint8Array(1000))
      sent += 1
      if (sent === pieces) controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'application/octet-stream' } })
}

/** Only its end says that the work was done: the client may have left. */
async function work(): Promise<Response> {
  process.stdout.write('working\n')
  await wait(pause * pieces)
  process.stdout.write('worked\n')
  return Response.json({ done: true })
}

const server = await serve({
  fetch: ({ url }) => {
    const { pathname } = new URL(url)
    if (pathname === '/slow') return slowly()
    return pathname === '/work' ? work() : Response.json({ ready: true })
  },
  host: '127.0.0.1',
  port: Number(process.env['PORT']),
  maxBodySize: 1000,
  idleTimeout: 30_000,
})

process.on('SIGTERM', async () => {
  const cut = await server.stop(Number(process.env['SHUTDOWN_TIMEOUT']))
  process.stdout.write(`cut ${cut}\n`)
  process.exit(0)
})
