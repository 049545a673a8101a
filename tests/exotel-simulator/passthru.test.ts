import { afterEach, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { interpret } from '../../src/calls/exotel/interpret.ts'
import type { IncomingOutcome } from '../../src/exotel-simulator/index.ts'
import { until } from '../calls/house.ts'
import {
  agent,
  exoPhone,
  type Heard,
  type House,
  openSimulator,
  secret,
  understood,
  value,
} from './house.ts'
import { queryFields } from './shape.ts'

let house: House
afterEach(() => house.close())

const sample = async (name: string) =>
  queryFields((await readFile(new URL(`../calls/samples/${name}`, import.meta.url), 'utf8')).trim())
const queryOf = ({ url }: Heard) => url.split('?')[1] ?? ''
/** Which visit of the flow's a message is. */
const visit = (heard: Heard) => {
  const query = new URLSearchParams(queryOf(heard))
  return query.get('EventType') ?? query.get('CallType') ?? ''
}
const nothing: Heard = { method: '', url: '', contentType: '', body: '' }
const caller = '+919999900002'

const first = ['call-attempt', '34-passthru-incoming-first-applet.query.txt'] as const
const rung = ['Dial', '39-agent-popup-dial.query.txt'] as const
const freed = ['Terminal', '40-agent-popup-free.query.txt'] as const

for (const [outcome, ...visits] of [
  [
    'completed',
    first,
    rung,
    freed,
    ['completed', '30-passthru-incoming-completed-recording.query.txt'],
  ],
  ['missed', first, rung, freed, ['incomplete', '31-passthru-incoming-missed.query.txt']],
  [
    'client-hangup',
    first,
    rung,
    freed,
    ['client-hangup', '32-passthru-incoming-client-hangup.query.txt'],
  ],
  ['declined', first, rung, freed, ['incomplete', '33-passthru-incoming-declined.query.txt']],
  ['voicemail', first, rung, freed, ['voicemail', '36-passthru-incoming-voicemail.query.txt']],
  ['call-attempt', first],
] as const satisfies readonly (readonly [IncomingOutcome, ...(readonly [string, string])[]])[])
  test(`an incoming call that ends as ${outcome} visits the flow as in the samples`, async () => {
    house = await openSimulator()
    const call = house.simulator.incoming({ from: caller, to: exoPhone, outcome })
    const heard = await house.messages()
    expect(heard.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual(
      Array(visits.length).fill(`GET /api/webhooks/exotel/${secret}`),
    )
    for (const [name, file] of visits) {
      const found = heard.find((message) => visit(message) === name)
      if (found === undefined) throw new Error(`There was no ${name}`)
      expect(queryFields(queryOf(found))).toEqual(await sample(file))
      expect(new URLSearchParams(queryOf(found)).get('CallSid')).toBe(call.sid)
    }
    expect(house.simulator.calls()[0]).toMatchObject({ direction: 'inbound', status: 'completed' })
  })

test('an agent who declines was rung for a while, and one who is on the phone talked', async () => {
  house = await openSimulator({ step: 1100 })
  for (const outcome of ['declined', 'missed', 'completed'] as const)
    house.simulator.incoming({ from: caller, to: exoPhone, outcome })
  const seconds = (await house.messages()).flatMap((message) => {
    const query = new URLSearchParams(queryOf(message))
    const [word, dialled] = [query.get('DialCallStatus'), query.get('DialCallDuration')]
    return word === null
      ? []
      : [[word, Number(dialled), Number(query.get('Legs[0][OnCallDuration]'))]]
  })
  const of = (word: string) =>
    seconds
      .find(([name]) => name === word)
      ?.slice(1)
      .map(Number) ?? []
  expect(of('busy')[0]).toBeGreaterThan(0)
  expect(of('busy')[1]).toBe(0)
  expect(of('no-answer')).toEqual([0, 0])
  const [dialled = 0, talked = 0] = of('completed')
  expect(talked).toBeGreaterThan(0)
  expect(dialled).toBeGreaterThan(talked)
}, 15_000)

test('digits come in double quotes, in a visit of their own', async () => {
  house = await openSimulator()
  house.simulator.incoming({ from: caller, to: exoPhone, digits: '12', outcome: 'call-attempt' })
  const found = (await house.messages()).find(({ url }) => url.includes('digits='))
  expect(queryFields(queryOf(found ?? nothing))).toEqual(
    await sample('35-passthru-incoming-digits.query.txt'),
  )
  expect(found?.url).toEndWith('digits=%2212%22')
})

test('a recording of an incoming call can be fetched', async () => {
  house = await openSimulator()
  const { sid } = house.simulator.incoming({ from: caller, to: exoPhone })
  await house.settledDetails(sid)
  const last = (await house.messages()).find((message) => visit(message) === 'completed')
  const url = new URLSearchParams(queryOf(last ?? nothing)).get('RecordingUrl')
  expect((await house.ask(String(url))).status).toBe(200)
})

test('a flow is asked once: a redirect steers it, an error is not repeated', async () => {
  house = await openSimulator({ answer: (heard) => (visit(heard) === 'call-attempt' ? 302 : 500) })
  house.simulator.incoming({ from: caller, to: exoPhone, outcome: 'missed' })
  expect(await house.messages()).toHaveLength(4)
  expect(house.simulator.calls()[0]?.callbacks).toEqual({
    sent: 4,
    accepted: 1,
    lost: 0,
    failed: 3,
  })
})

test('a call from the dashboard is reported at the same address, without a call of ours', async () => {
  house = await openSimulator()
  house.simulator.dial({ from: agent, to: '+919999990001', record: true })
  const heard = await house.messages()
  expect(heard.map(({ method, url }) => `${method} ${url}`)).toEqual(
    Array(2).fill(`POST /api/webhooks/exotel/${secret}`),
  )
  const [, terminal] = await Promise.all(heard.map(understood))
  expect(terminal?.fields.get('Direction')).toBe('outbound-dial')
  expect(terminal?.fields.has('CustomField')).toBe(false)
  if (terminal === undefined) throw new Error('It was not understood')
  expect(interpret(terminal, Date.now()).news.status).toBe('busy')
})

test('without an address nobody hears of either, and both are in the account', async () => {
  house = await openSimulator({ reported: false })
  house.simulator.dial({ from: agent, to: caller })
  house.simulator.incoming({ from: caller, to: exoPhone })
  expect(await house.messages()).toEqual([])
  expect(house.simulator.calls().map(({ direction, over }) => ({ direction, over }))).toEqual([
    { direction: 'outbound-dial', over: true },
    { direction: 'inbound', over: true },
  ])
})

test('both can be asked for over HTTP', async () => {
  house = await openSimulator()
  const post = (path: string, body: object) =>
    house.ask(`/simulator/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const incoming = await post('incoming', { from: caller, to: exoPhone, outcome: 'declined' })
  expect(value(await incoming.json(), 'direction')).toBe('inbound')
  const dial = await post('dial', { from: agent, to: '+919999990001' })
  expect(value(await dial.json(), 'direction')).toBe('outbound-dial')
  await until(async () => (house.heard.length === 6 ? true : undefined))
  for (const [path, body] of [
    ['incoming', { from: caller, to: exoPhone, outcome: 'eaten' }],
    ['incoming', { from: caller }],
    ['incoming', { from: caller, to: exoPhone, digits: 'abc' }],
    ['dial', { from: agent, to: 'somebody' }],
    ['dial', { from: agent, to: caller, more: 1 }],
    ['dial', []],
  ] as const)
    expect((await post(path, body)).status).toBe(400)
})
