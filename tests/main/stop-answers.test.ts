/** What a stop does to answers that are on their way, on the server that is Caly's own. */
import { afterEach, expect, test } from 'bun:test'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type Caly, eventually, startCaly } from '../support/process.ts'

let caly: Caly | undefined
afterEach(async () => {
  await caly?.stop()
  caly = undefined
}, 30_000)

const start = (timeout: number) =>
  startCaly({
    script: 'tests/main/slow-answers.ts',
    env: { SHUTDOWN_TIMEOUT: String(timeout), DATABASE_URL: '' },
  })

/** Stops it. @returns how many answers it says were cut */
async function stop(service: Caly): Promise<number> {
  service.child.kill('SIGTERM')
  await service.exited()
  return Number(/^cut (\d+)$/m.exec(service.output())?.[1])
}

/** Opens a connection and asks; resolves with it once the first bytes of the answer are there. */
async function ask(service: Caly, path: string) {
  const socket = connect(service.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await once(socket, 'data')
  return socket
}

test('a stop waits until an answer is sent to its end', async () => {
  caly = await start(20_000)
  const answer = await fetch(new URL('/slow', caly.baseUrl))
  const [body, cut] = await Promise.all([answer.arrayBuffer(), stop(caly)])
  expect(body.byteLength).toBe(15_000)
  expect(cut).toBe(0)
}, 60_000)

test('a stop cuts an answer that is not at its end by then, and counts it', async () => {
  caly = await start(300)
  await ask(caly, '/slow')
  expect(await stop(caly)).toBe(1)
}, 60_000)

test('a stop waits for work whose client has left', async () => {
  caly = await start(20_000)
  const socket = connect(caly.port, '127.0.0.1')
  socket.write('GET /work HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await printed(caly, 'working')
  socket.destroy()
  expect(await stop(caly)).toBe(0)
  expect(caly.output()).toContain('worked')
}, 60_000)

test('a stop does not wait for a client that has its answer, has asked nothing or has left', async () => {
  // Longer than the test may take.
  caly = await start(600_000)
  await ask(caly, '/')
  await once(connect(caly.port, '127.0.0.1'), 'connect')
  const leaving = await ask(caly, '/slow')
  leaving.destroy()
  expect(await stop(caly)).toBe(0)
}, 60_000)

const printed = (service: Caly, text: string) =>
  eventually(
    async () => service.output(),
    (output) => output.includes(text),
  )
