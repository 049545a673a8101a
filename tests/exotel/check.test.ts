/** `caly exotel check`, beside a real service, with the simulator in Exotel's place. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type CheckWishes, exotelCheck } from '../../src/cli/exotel-check.ts'
import { readConfig } from '../../src/config.ts'
import { type ExotelSimulator, exotelSimulator } from '../../src/exotel-simulator/index.ts'
import { runCommand } from '../support/command.ts'
import { createScratchDatabase, isPostgres, openDatabaseOf } from '../support/database.ts'
import { exotelEnv } from '../support/exotel.ts'
import { type Caly, eventually, freePort, startCaly } from '../support/process.ts'
import { secretsIn } from '../support/secrets.ts'
import { distorting } from './distorted-exotel.ts'

setDefaultTimeout(120_000)

const from = '+919876500001'
const to = '+919876504711'

let exotel: ExotelSimulator
let caly: Caly
let scratch: Awaited<ReturnType<typeof createScratchDatabase>>
let folder: string
const start = () => startCaly({ env })
let env: Readonly<Record<string, string | undefined>>
beforeAll(async () => {
  exotel = await exotelSimulator({ step: 400, settle: 800 })
  scratch = await createScratchDatabase()
  folder = await mkdtemp(join(tmpdir(), 'caly-check-'))
  const port = String(await freePort())
  env = {
    ...exotelEnv(exotel),
    PORT: port,
    PUBLIC_URL: `http://localhost:${port}`,
    CALY_DATA_DIR: folder,
    DATABASE_URL: scratch?.url,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
  }
  caly = await start()
})
afterAll(async () => {
  await caly.stop()
  await exotel.close()
  await scratch?.drop()
  await rm(folder, { recursive: true, force: true })
})

const check = (args: readonly string[] = [], other: Readonly<Record<string, string>> = {}) =>
  runCommand(caly, ['exotel', 'check', ...args], { env: other })

/** The same in this process, with less patience. */
async function quickly(
  wishes: Partial<CheckWishes> = {},
  other: Readonly<Record<string, string>> = {},
  onLine: (line: string, stop: AbortController) => void = () => {},
) {
  const lines: string[] = []
  const stop = new AbortController()
  const code = await exotelCheck(
    readConfig({ ...caly.env, ...other }),
    { json: false, call: { from, to, record: false }, ...wishes },
    {
      signal: stop.signal,
      limits: { taken: 5000, callback: 4000, all: 30_000, inquiry: 500, look: 50 },
      print(line) {
        lines.push(line)
        onLine(line, stop)
      },
    },
  )
  return { code, output: lines.join('\n') }
}

const rows = async (text: string, values?: readonly unknown[]) => {
  const opened = await openDatabaseOf(caly)
  try {
    return await opened.query(text, values)
  } finally {
    await opened.close()
  }
}

const newestCall = async () =>
  (await rows('select * from calls order by created_at desc limit 1'))[0] ?? {}

/** Nothing that the run was told in confidence, and no digits that are a telephone's. */
function expectDiscreet(output: string): void {
  expect(secretsIn(output)).toEqual([])
  expect(output).not.toContain(env['EXOTEL_WEBHOOK_SECRET'] ?? '')
  expect(output).not.toContain(exotel.sid)
  expect(output).not.toMatch(/\d{7}/)
  expect(output).not.toMatch(/api\/webhooks|\.mp3/)
}

test('right credentials are told in a line, and exit 0', async () => {
  const { code, output } = await check()
  expect(output.split('\n')).toEqual([
    'EXOTEL_SUBDOMAIN names a stand-in: what follows is about that, not about Exotel.',
    expect.stringMatching(/^ +\d+ s {2}The credentials are right$/),
    '',
    '0 differences from what Caly knows of Exotel',
    '',
  ])
  expect(code).toBe(0)
  expect(exotel.counts().requests.connect).toBe(0)
})

for (const { what, other, says } of [
  {
    what: 'a wrong token',
    other: { EXOTEL_API_TOKEN: 'a-token-of-nobody' },
    says: /\(401\): EXOTEL_API_KEY or EXOTEL_API_TOKEN is wrong/,
  },
  {
    what: "another account's SID",
    other: { EXOTEL_SID: 'someoneelse1' },
    says: /\((401|403|404)\): /,
  },
  {
    what: 'a host that does not listen',
    other: { EXOTEL_SUBDOMAIN: 'http://127.0.0.1:1' },
    says: /\(ECONNREFUSED\): nothing listens there: look at EXOTEL_SUBDOMAIN/,
  },
  {
    what: 'a host that is not there',
    other: { EXOTEL_SUBDOMAIN: 'api.exotel.invalid' },
    says: /\((ENOTFOUND|EAI_AGAIN|unreachable)\): .*(EXOTEL_SUBDOMAIN|network)/,
  },
] as const)
  test(`${what} is told with what to look at, exits 1, and no call is placed`, async () => {
    const placed = exotel.calls().length
    const { code, output } = await check(['--from', from, '--to', to], other)
    expect(output).toMatch(says)
    expect(output).not.toContain('telephones will ring')
    expect(output.includes('names a stand-in')).toBe(!what.includes('not there'))
    expect(code).toBe(1)
    expect(exotel.calls()).toHaveLength(placed)
    expectDiscreet(output)
  })

test('wrong credentials are tried once', async () => {
  const before = exotel.counts().requests.unauthorized
  await quickly({}, { EXOTEL_API_TOKEN: 'a-token-of-nobody' })
  expect(exotel.counts().requests.unauthorized).toBe(before + 1)
})

for (const { what, args, other, says } of [
  { what: 'no account', args: [], other: { CALY_PROVIDER: 'simulator' }, says: 'set EXOTEL_SID' },
  { what: 'one number', args: ['--from', from], other: {}, says: '--to is missing' },
  { what: 'the other number', args: ['--to', to], other: {}, says: '--from is missing' },
  { what: '--record alone', args: ['--record'], other: {}, says: '--record needs' },
  {
    what: 'what is no number',
    args: ['--from', from, '--to', '09876500001'],
    other: {},
    says: '--to must be an E.164 phone number',
  },
])
  test(`${what} is wrong usage: exit code 2`, async () => {
    const { code, output } = await check(args, other)
    expect(output).toContain(says)
    expect(output).toContain('Usage: caly exotel check [--from')
    expect(code).toBe(2)
    expectDiscreet(output)
  })

test('a real call is told step by step to its recording, and confirms what Caly assumes', async () => {
  const { code, output } = await check(['--from', from, '--to', to, '--record'])
  const steps = [
    'The credentials are right',
    'both telephones will ring, and it costs what a call costs',
    'taken by the service',
    'placed: Exotel has named the call',
    'callback: answered, json',
    'callback: answered, json',
    'callback: terminal, json',
    'ended, says Caly: completed',
    'Call Details are complete',
    'recording: audio/mpeg, 2080 bytes, at 127.0.0.1',
    'What Caly assumes of Exotel:',
    '\n0 differences from what Caly knows of Exotel\n',
  ]
  let rest = output
  for (const step of steps) {
    expect(rest).toContain(step)
    rest = rest.slice(rest.indexOf(step) + step.length - 1)
  }
  expect(output.match(/ {2}confirmed {2}/g)).toHaveLength(10)
  expect(code).toBe(0)
  expectDiscreet(output)
})

test("the call is the operator's own, and the audit trail has who placed, read and listened", async () => {
  const [{ id, ...call } = {}] = await rows(
    `select calls.id, is_platform, provider, record from calls join clients on clients.id = client_id
     order by calls.created_at desc limit 1`,
  )
  expect(call).toEqual({ is_platform: true, provider: 'exotel', record: true })
  const events = await rows(
    `select event_type, count(*)::int from audit_logs where actor_type = 'shell'
     and (resource_id = $1 or details->>'of' = 'webhook_events') group by 1 order by 1`,
    [id],
  )
  expect(events).toEqual([
    { event_type: 'CALL_QUEUED', count: 1 },
    { event_type: 'CALL_RECORDING_READ', count: 1 },
    // Each of the three callbacks, as it came.
    { event_type: 'DATA_READ', count: 3 },
  ])
})

test('--json prints one object of names, statuses and booleans, and nothing else', async () => {
  const { code, output } = await check(['--from', from, '--to', to, '--record', '--json'])
  const told = JSON.parse(output)
  expect(told).toMatchObject({
    ok: true,
    standIn: true,
    credentials: 'right',
    call: {
      placed: true,
      status: 'completed',
      recordComplete: true,
      callbacks: [
        { event: 'answered', spelling: 'json', state: 'applied', cameAgain: false },
        { event: 'answered', spelling: 'json', state: 'applied', cameAgain: false },
        { event: 'terminal', spelling: 'json', state: 'applied', cameAgain: false },
      ],
      recording: { isPlaceKnown: true, isThere: true, isTypeKnown: true },
    },
    failures: [],
    differenceCount: 0,
  })
  expect(new Set(Object.values(told.assumptions))).toEqual(new Set(['confirmed']))
  expect(code).toBe(0)
  expectDiscreet(output)
})

test('lost callbacks are told with the host of PUBLIC_URL, and Call Details tell the end', async () => {
  exotel.setFaults({ 'callback-lost': 1 })
  const { code, output } = await quickly()
  exotel.setFaults({})
  expect(output).toContain(
    `Exotel does not reach PUBLIC_URL (localhost:${caly.port}): Caly goes on`,
  )
  // As it happens, and in the summary.
  expect(output.match(/does not reach/g)).toHaveLength(2)
  expect(output).not.toContain('No callback has told')
  expect(output).toContain('ended, says Exotel: completed')
  expect(output).toContain('Call Details are complete')
  expect(output).toContain('not seen   times are')
  expect(code).toBe(1)
  expectDiscreet(output.replaceAll(`localhost:${caly.port}`, ''))
})

test('a lost end is told apart from callbacks that never come', async () => {
  const { code, output } = await quickly({ call: { from, to: '+919876500004', record: false } })
  expect(output).toContain('No callback has told of the end of the call')
  expect(output).not.toContain('does not reach')
  expect(output).toContain('confirmed  StatusCallbackEvents')
  expect(code).toBe(1)
})

for (const [callee, status] of [
  ['+919876500001', 'busy'],
  ['+919876500002', 'no-answer'],
  ['+919876500006', 'no-answer'],
] as const)
  test(`a callee who ends ${status} (${callee.slice(-4)}) is no failure, and leaves no recording`, async () => {
    const { code, output } = await quickly({ call: { from, to: callee, record: true } })
    expect(output).toContain(`ended, says Caly: ${status}`)
    expect(output).toContain('There is no recording: nobody has talked')
    expect(output).not.toContain('refuted')
    expect(code).toBe(0)
  })

test('a call that Exotel refuses is told with its code and what to look at', async () => {
  exotel.setFaults({ 'error-in-200': 1 })
  const { code, output } = await quickly()
  exotel.setFaults({})
  expect(output).toContain('The call was not placed (403): the account may not do this')
  expect(code).toBe(1)
})

test('what differs is named, field by field, without a value, and fails nothing', async () => {
  const other = await distorting(exotel.url)
  const { code, output } = await quickly({}, { EXOTEL_SUBDOMAIN: other.url })
  await other.close()
  const lines = output.split('\n').map((line) => line.trim())
  expect(lines).toContain('new: Metadata.Cursor, Calls[].Sentiment, Calls[].(another name)')
  expect(lines).toContain('new: Call.Sentiment, Call.(another name)')
  expect(lines).toContain('missing: Call.CallerName (documented)')
  expect(lines).toContain('of another type: Call.Price (documented)')
  expect(lines).toContain('refuted    a search by numbers and DateCreated finds the call')
  expect(lines.at(-1)).toBe('11 differences from what Caly knows of Exotel')
  expect(output).not.toMatch(/glad|98765/)
  expect(code).toBe(0)
})

test('a call that Exotel does not know is said to be so, and shows nothing of Exotel', async () => {
  const unknowing = await exotelSimulator({ sid: exotel.sid })
  const { code, output } = await quickly({}, { EXOTEL_SUBDOMAIN: unknowing.url })
  await unknowing.close()
  expect(output).toContain(
    'Exotel does not know the call that the service placed: does the service',
  )
  expect(output).not.toContain('confirmed')
  expect(code).toBe(1)
})

test('Ctrl-C leaves the call as it is, says so, and exits 1', async () => {
  const child = spawn(
    process.execPath,
    ['src/cli.ts', 'exotel', 'check', '--from', from, '--to', to],
    { env: caly.env, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const isPlaced = output.includes('placed: Exotel')
    output += chunk.toString()
    if (!isPlaced && output.includes('placed: Exotel')) child.kill('SIGINT')
  })
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
  expect(output).toContain('Stopped: the call is left as it is, and Caly goes on with it')
  await eventually(newestCall, ({ status }) => status === 'completed')
})

test('without a service nothing is placed, then or when one starts', async () => {
  await exotel.settled()
  const placed = exotel.calls().length
  await caly.stop()
  try {
    const { code, output } = await quickly()
    expect(output).toContain(
      isPostgres
        ? 'No service has taken the call: is Caly running with the same DATABASE_URL?'
        : 'No call was placed: no service runs on this database.',
    )
    expect(code).toBe(1)
  } finally {
    caly = await start()
  }
  if (isPostgres) {
    const { status, failure_reason: reason } = await newestCall()
    expect([status, reason]).toEqual(['failed', 'not_taken'])
    const job = `select state from pgboss.job where name = 'calls.place' and state <> 'completed'`
    await eventually(
      () => rows(job),
      (left) => left.length === 0,
    )
  }
  expect(exotel.calls()).toHaveLength(placed)
})
