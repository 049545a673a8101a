/** A rotation of ENCRYPTION_KEY by its four steps, with a restart at each. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientOf } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { createScratchDatabase } from '../support/database.ts'
import { startCaly } from '../support/process.ts'
import { callbackAddressOf, expectKept, expectLive, leaveTraces, type Traces } from './traces.ts'

setDefaultTimeout(120_000)

const [oldKey, newKey, strangeKey] = [0, 1, 2].map(() => randomBytes(32).toString('hex'))
if (oldKey === undefined || newKey === undefined || strangeKey === undefined) throw new Error()

const dataDir = await mkdtemp(join(tmpdir(), 'caly-rotation-'))
const scratch = await createScratchDatabase()
afterAll(async () => {
  await scratch?.drop()
  await rm(dataDir, { recursive: true, force: true })
})

/** The same database each time; calls ring for as long as the test takes. */
const start = (...keys: string[]) =>
  startCaly({
    env: {
      ENCRYPTION_KEY: keys.join(),
      CALY_DATA_DIR: dataDir,
      DATABASE_URL: scratch?.url,
      SIMULATOR_STEP: '1h',
      RATE_LIMIT_AUTH: 'off',
    },
  })

let traces: Traces

test('while the new key is only known, all that the old one made works', async () => {
  const before = await start(oldKey)
  traces = await leaveTraces(before, [oldKey])
  await expectLive(before, traces, 0)
  expect(await before.stop()).toBe(0)
  const caly = await start(oldKey, newKey)
  await expectKept(caly, traces)
  await expectLive(caly, traces, 1)
  expect(await caly.stop()).toBe(0)
})

test('once the new key is first, what either key made works, and reencrypt moves it while serving', async () => {
  const caly = await start(newKey, oldKey)
  try {
    await expectKept(caly, traces)
    await expectLive(caly, traces, 2)
    const moved = await runCommand(caly, ['keys', 'reencrypt'])
    expect(moved.output).toMatch(/^calls: [1-9]\d* rows sealed anew$/m)
    expect(moved.output).toMatch(/^idempotency_keys: 1 rows sealed anew$/m)
    expect(moved.output).toMatch(/^webhook_events: [1-9]\d* rows sealed anew$/m)
    expect(moved.code).toBe(0)
    await expectKept(caly, traces)
    await expectLive(caly, traces, 3)
    const again = await runCommand(caly, ['keys', 'reencrypt'])
    expect(again.output.match(/: 0 rows sealed anew/g)).toHaveLength(3)
    expect(again.code).toBe(0)
  } finally {
    await caly.stop()
  }
})

test('with the new key alone every row is read, and only what the old one signed is refused', async () => {
  const caly = await start(newKey)
  try {
    await expectKept(caly, traces)
    const stranger = clientOf(caly)
    expect((await clientOf(caly, traces.accessToken)('GET', '/api/auth/me')).status).toBe(401)
    expect((await stranger('POST', traces.callback, {})).status).toBe(404)
    const current = callbackAddressOf(traces.first.id, [newKey])
    expect((await stranger('POST', current, {})).status).toBe(200)
    // Whoever is logged in stays so: refresh tokens are random, and hashed without a key.
    const refreshed = await stranger('POST', '/api/auth/refresh', {
      refreshToken: traces.refreshToken,
    })
    expect(refreshed.status).toBe(200)
    const check = await runCommand(caly, ['keys', 'reencrypt'])
    expect(check.code).toBe(0)
  } finally {
    await caly.stop()
  }
})

test('with a key that made nothing, reencrypt says which rows it cannot open, and fails', async () => {
  const caly = await start(newKey)
  try {
    const env = { ENCRYPTION_KEY: strangeKey }
    const { code, output } = await runCommand(caly, ['keys', 'reencrypt'], { env })
    expect(code).toBe(1)
    expect(output).toContain('rows cannot be opened: is a key missing?')
    expect(output).toContain(traces.first.id)
    for (const key of [newKey, strangeKey]) expect(output).not.toContain(key)
  } finally {
    await caly.stop()
  }
})
