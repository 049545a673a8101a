/** What an operator reads when a start cannot succeed: one clear sentence, no stack, exit code 2. */
import { afterEach, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:net'
import { type Caly, type CalyOptions, startCaly } from '../support/process.ts'

const running: Caly[] = []
let blocker: Server | undefined

afterEach(async () => {
  for (const caly of running.splice(0)) await caly.stop()
  blocker?.close()
}, 30_000)

async function refused(options: CalyOptions) {
  const caly = await startCaly({ ...options, ready: false })
  running.push(caly)
  const code = await caly.exited()
  return { code, output: caly.output() }
}

const noStack = (output: string) => expect(output).not.toMatch(/\n\s+at /)

test('every bad variable is named at once, without its value', async () => {
  const { code, output } = await refused({
    env: { PORT: 'hunter2', DB_POOL_MAX: '0', NODE_ENV: 'production' },
  })
  expect(code).toBe(2)
  expect(output).toContain('PORT must be a whole number from 0 to 65535')
  expect(output).toContain('DB_POOL_MAX must be')
  expect(output).toContain('ENCRYPTION_KEY is missing')
  expect(output).not.toContain('hunter2')
  noStack(output)
}, 30_000)

test('a taken port is said in a sentence', async () => {
  blocker = createServer()
  const port = await new Promise<number>((resolve) => {
    blocker?.listen(0, '127.0.0.1', () => {
      const address = blocker?.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
  const { code, output } = await refused({ env: { PORT: String(port) } })
  expect(code).toBe(2)
  expect(output).toContain(`Port ${port} is taken`)
  noStack(output)
}, 60_000)

test('an unreachable database is said in a sentence, without its password', async () => {
  const { code, output } = await refused({
    env: { DATABASE_URL: 'postgres://caly:hunter2@127.0.0.1:1/caly', DB_CONNECTION_TIMEOUT: '2s' },
  })
  expect(code).toBe(2)
  expect(output).toContain('127.0.0.1:1')
  expect(output).not.toContain('hunter2')
  noStack(output)
}, 30_000)

test('a data folder that another process holds is said in a sentence', async () => {
  const first = await startCaly({ env: { DATABASE_URL: '' } })
  running.push(first)
  const { code, output } = await refused({
    env: { CALY_DATA_DIR: first.dataDir, DATABASE_URL: '' },
  })
  expect(code).toBe(2)
  expect(output).toContain(first.dataDir)
  expect(output).toContain(String(first.child.pid))
  noStack(output)
}, 90_000)
