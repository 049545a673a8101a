/** A rotation of ENCRYPTION_KEY without a pause: two replicas, one step apart, under writes. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { expectKept, expectLive, leaveTraces, type Traces } from '../security/traces.ts'
import { type Client, clientOf } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { createScratchDatabase } from '../support/database.ts'
import { type Caly, startCaly } from '../support/process.ts'

setDefaultTimeout(180_000)

const [oldKey, newKey] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')]
const scratch = await createScratchDatabase()
if (scratch === undefined) throw new Error('This test needs TEST_DATABASE_URL')

const running = new Set<Caly>()
afterAll(async () => {
  for (const caly of running) await caly.stop()
  await scratch.drop()
})

async function start(...keys: string[]): Promise<Caly> {
  const caly = await startCaly({
    env: {
      ENCRYPTION_KEY: keys.join(),
      DATABASE_URL: scratch?.url,
      SIMULATOR_STEP: '1h',
      RATE_LIMIT_API: 'off',
      RATE_LIMIT_AUTH: 'off',
      RATE_LIMIT_GLOBAL: 'off',
    },
  })
  running.add(caly)
  return caly
}

async function stop(caly: Caly): Promise<void> {
  running.delete(caly)
  expect(await caly.stop()).toBe(0)
}

/** Places, changes and erases calls through both replicas until it is told to stop. */
function keepWriting(clients: readonly Client[]) {
  const places = { from: '+912233445566', to: '+919876500099', customField: 'under way' }
  const kept: string[] = []
  const statuses = new Map<number, number>()
  let going = true
  const note = ({ status }: { status: number }) =>
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const work = async (own: Client, other: Client) => {
    while (going) {
      const made = await own('POST', '/api/calls', places, {
        'idempotency-key': crypto.randomUUID(),
      })
      note(made)
      note(await other('PATCH', `/api/calls/${made.body.id}`, { notes: 'seen' }))
      note(await other('POST', '/api/calls/search', { number: places.to }))
      if (kept.length < 40) kept.push(made.body.id)
      else note(await own('DELETE', `/api/calls/${made.body.id}`))
    }
  }
  const [one, two] = clients
  if (one === undefined || two === undefined) throw new Error('Two replicas are needed')
  const workers = Promise.all([work(one, two), work(two, one)])
  return async () => {
    going = false
    await workers
    return { kept, statuses: Object.fromEntries(statuses) }
  }
}

let traces: Traces
let writtenMeanwhile: readonly string[] = []

test('replicas one step of the rotation apart serve what each other wrote', async () => {
  let [one, two] = [await start(oldKey), await start(oldKey)]
  traces = await leaveTraces(one, [oldKey])
  await expectLive(one, traces, 0)
  let callbacks = 0
  for (const keys of [
    [oldKey, newKey],
    [newKey, oldKey],
  ])
    for (const first of [true, false]) {
      await stop(first ? one : two)
      const next = await start(...keys)
      if (first) one = next
      else two = next
      for (const caly of [one, two]) {
        callbacks += 1
        await expectKept(caly, traces)
        await expectLive(caly, traces, callbacks)
      }
    }
})

test('reencrypt runs beside requests of two replicas, none of which fails, and leaves nothing behind', async () => {
  const [one, two] = [...running]
  if (one === undefined || two === undefined) throw new Error('Both replicas must be running')
  const finish = keepWriting([one, two].map((caly) => clientOf(caly, traces.apiKey)))
  const { code, output } = await runCommand(one, ['keys', 'reencrypt'])
  const { kept, statuses } = await finish()
  expect(Object.keys(statuses).toSorted()).toEqual(
    ['200', '202', '204'].filter((s) => s in statuses),
  )
  expect([code, output]).toEqual([0, expect.stringMatching(/^calls: [1-9]\d* rows sealed anew$/m)])
  writtenMeanwhile = kept
})

test('a row that somebody holds is not waited for: reencrypt says that it is left, and fails', async () => {
  const [one] = running
  if (one === undefined) throw new Error('A replica must be running')
  const sql = postgres(scratch.url, { max: 1, onnotice: () => {} })
  const held = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const holding = sql.begin(async (tx) => {
    await tx`select from calls where id = ${traces.first.id} for update`
    held.resolve()
    await release.promise
  })
  await held.promise
  // Back to the old key, as an operator may who has found a fault: that call needs it again.
  const env = { ENCRYPTION_KEY: `${oldKey},${newKey}` }
  const back = await runCommand(one, ['keys', 'reencrypt'], { env })
  expect(back.code).toBe(1)
  expect(back.output).toContain('1 rows still needed an older key')
  release.resolve()
  await holding
  await sql.end()
  expect((await runCommand(one, ['keys', 'reencrypt'], { env })).code).toBe(0)
  expect((await runCommand(one, ['keys', 'reencrypt'])).code).toBe(0)
})

test('with the new key alone, a replica reads everything, also what was written meanwhile', async () => {
  for (const caly of [...running]) await stop(caly)
  const caly = await start(newKey)
  await expectKept(caly, traces)
  const client = clientOf(caly, traces.apiKey)
  expect(writtenMeanwhile.length).toBeGreaterThan(0)
  for (const id of writtenMeanwhile) {
    const { status, body } = await client('GET', `/api/calls/${id}`)
    expect([status, body.customField, body.notes]).toEqual([200, 'under way', 'seen'])
  }
  const found = await client('POST', '/api/calls/search', { number: '+919876500099', limit: 100 })
  const ids = found.body.items.map(({ id }: { id: string }) => id)
  expect(ids.toSorted()).toEqual([...writtenMeanwhile].toSorted())
  expect((await runCommand(caly, ['keys', 'reencrypt'])).code).toBe(0)
})
