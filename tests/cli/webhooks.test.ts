/** Numbers of the business and messages of the provider, from the command line beside a service. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'

setDefaultTimeout(120_000)

const secret = 'a-webhook-secret-of-the-cli'
const number = '+919999900010'

let caly: Caly
let acme: string
beforeAll(async () => {
  caly = await startCaly({
    env: { CALY_PROVIDER: 'simulator', EXOTEL_WEBHOOK_SECRET: secret },
  })
  acme = await newClient('Acme')
})
afterAll(() => caly.stop())

const run = (...args: readonly string[]) => runCommand(caly, args)

const newClient = async (name: string) =>
  (await run('clients', 'create', '--name', name)).word('Client')

const send = (query: string, body = '', type = 'application/json') =>
  clientOf(caly)('POST', `/api/webhooks/exotel/${secret}?${query}`, body, { 'content-type': type })

const database = async (text: string, values?: readonly unknown[]) => {
  const opened = await openDatabaseOf(caly)
  try {
    return await opened.query(text, values)
  } finally {
    await opened.close()
  }
}

test('a number is added to a client, listed, and taken away', async () => {
  const add = () => run('numbers', 'add', '--client', acme, '--number', number)
  expect(await add()).toMatchObject({ code: 0, output: `Number ${number}\n` })
  expect(await add()).toMatchObject({ code: 0, output: 'The client has it already\n' })
  const listed = await run('numbers', 'list')
  expect(listed.output.trim().split(/\s+/)).toEqual([number, acme])
  const taken = await run('numbers', 'remove', '--number', number)
  expect(taken).toMatchObject({ code: 0, output: 'Done\n' })
  expect((await run('numbers', 'list')).output).toBe('')
  const events = await database(
    `select event_type, actor_type, client_id, details::text from audit_logs
     where event_type like 'CLIENT_NUMBER_%' order by created_at`,
  )
  const common = { actor_type: 'shell', client_id: acme, details: '{}' }
  expect(events).toEqual([
    { event_type: 'CLIENT_NUMBER_ADDED', ...common },
    { event_type: 'CLIENT_NUMBER_REMOVED', ...common },
  ])
})

test("another client's number, a number of nobody, and what is no number are refused", async () => {
  const other = await newClient('Other')
  await run('numbers', 'add', '--client', acme, '--number', number)
  const add = (client: string, text: string) =>
    run('numbers', 'add', '--client', client, '--number', text)
  expect(await add(other, number)).toMatchObject({
    code: 1,
    output: "The number is another client's: take it away there first\n",
  })
  const stranger = '01890a5d-ac96-774b-bcce-b302099a8057'
  expect((await add(stranger, '+919999900020')).code).toBe(1)
  for (const text of ['09999900010', '+999', 'me'])
    expect([text, (await add(acme, text)).code]).toEqual([text, 2])
  const removed = await run('numbers', 'remove', '--number', '+919999900020')
  expect(removed).toMatchObject({ code: 1, output: "The number is no client's\n" })
})

test('what changed no call is listed by state, with nothing of a person in it', async () => {
  await send('', '{"From": "09876500001", "broken')
  await send('', '{"CallSid": "unknown1", "CallTo": "09876500002", "Status": "busy"}')
  await send('', '{"Status": "busy", "From": "09876500003"}')
  const { output } = await eventually(
    () => run('webhooks', 'list'),
    ({ output }) => /malformed +malformed/.test(output) && !output.includes('received'),
  )
  expect(output).toMatch(/ unmatched +unknown_number +1$/m)
  expect(output).toMatch(/ ignored +no_call_id +1$/m)
  expect(output).not.toContain('98765')
  const malformed = await run('webhooks', 'list', '--state', 'malformed')
  expect(malformed.output.trim().split('\n')).toHaveLength(1)
  expect((await run('webhooks', 'list', '--limit', '2')).output.trim().split('\n')).toHaveLength(2)
  for (const wrong of [
    ['--state', 'applied'],
    ['--limit', '0'],
    ['--limit', 'all'],
  ])
    expect((await run('webhooks', 'list', ...wrong)).code).toBe(2)
})

test('a message is shown as it came, without a whole signature and what a terminal obeys, and that is recorded', async () => {
  const signature = 'abcdefghijklmnopqrstuvwxyz'
  const body = 'one\r\ntwo \u001b[31mred\u001b[0m 09876500004'
  await send(`call=01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00&sig=${signature}`, body, 'text/plain; a=b')
  const [row] = await database('select id from webhook_events order by received_at desc limit 1')
  const id = String(row?.['id'])
  const shown = await run('webhooks', 'show', id)
  expect(shown.code).toBe(0)
  expect(shown.output).toContain('State     malformed (malformed)\n')
  expect(shown.output).toContain('POST ?call=01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00&sig=abcdef…\n')
  expect(shown.output).toContain('Type      text/plain; a=b\n')
  expect(shown.output).toEndWith('\none\ntwo \\u001b[31mred\\u001b[0m 09876500004\n')
  expect(shown.output).not.toContain(secret)
  const reads = await database(
    `select actor_type, details from audit_logs where event_type = 'DATA_READ' and actor_type = 'shell'`,
  )
  expect(reads).toEqual([{ actor_type: 'shell', details: { of: 'webhook_events', count: 1 } }])
})

test('bytes that are no text are shown in base64', async () => {
  const address = new URL(`/api/webhooks/exotel/${secret}`, caly.baseUrl)
  await fetch(address, { method: 'POST', body: new Uint8Array([0xff, 0xfe, 0]) })
  const [row] = await database('select id from webhook_events order by received_at desc limit 1')
  const shown = await run('webhooks', 'show', String(row?.['id']))
  expect(shown.output).toContain('\n(base64) //4A\n')
})

test('a message that is not there, was erased, or cannot be opened is told apart from wrong usage', async () => {
  const nobody = '01890a5d-ac96-774b-bcce-b302099a8057'
  const missing = await run('webhooks', 'show', nobody)
  expect(missing).toMatchObject({ code: 1, output: 'There is no such message\n' })
  expect((await run('webhooks', 'show', 'x')).code).toBe(2)
  expect((await run('webhooks', 'show')).code).toBe(2)
  const [row] = await database('select id from webhook_events order by received_at desc limit 1')
  const id = String(row?.['id'])
  const otherKey = { env: { ENCRYPTION_KEY: 'ab'.repeat(32) } }
  const closed = await runCommand(caly, ['webhooks', 'show', id], otherKey)
  expect([closed.code, closed.output]).toEqual([1, expect.stringContaining('cannot be opened')])
  await database('update webhook_events set sealed = null where id = $1', [id])
  const erased = await run('webhooks', 'show', id)
  expect(erased).toMatchObject({ code: 1, output: 'The message has been erased\n' })
})
