import { afterEach, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { until } from '../calls/house.ts'
import { customField, type House, openSimulator, secret, value } from './house.ts'
import { multipartFields, shapeOf } from './shape.ts'

let house: House
afterEach(() => house.close())

const sample = (name: string) =>
  readFile(new URL(`../calls/samples/${name}`, import.meta.url), 'utf8')

const answered = ['17-callback-answered-leg1.json', '18-callback-answered-leg2.json'] as const

for (const [what, callee, ...names] of [
  ['completes', '+919999900007', ...answered, '10-callback-terminal-completed.json'],
  ['is busy', '+919999990001', answered[0], '11-callback-terminal-busy.json'],
  ['is not answered', '+919999990002', answered[0], '12-callback-terminal-no-answer-leg2.json'],
  ['fails', '+919999990003', '14-callback-terminal-failed.json'],
  ['ends unreported', '+919999990004', ...answered],
  [
    'is left by the agent',
    '+919999990005',
    answered[0],
    '15-callback-terminal-failed-leg2-canceled.json',
  ],
  ['the agent does not take', '+919999990006', '13-callback-terminal-no-answer-leg1.json'],
] as const)
  test(`a call that ${what} is reported field by field as in ${names.join(', ')}`, async () => {
    house = await openSimulator()
    await house.place({ To: callee })
    const heard = (await house.messages()).map(({ body }) => shapeOf(JSON.parse(body)))
    const samples = await Promise.all(
      names.map(async (name) => shapeOf(JSON.parse(await sample(name)))),
    )
    expect(heard).toEqual(samples)
    const [call] = house.simulator.calls()
    expect(call?.over).toBe(true)
    expect(call?.callbacks).toEqual({
      ...{ sent: names.length, accepted: names.length, failed: 0 },
      lost: callee.endsWith('0004') ? 1 : 0,
    })
  })

test('callbacks are multipart, with texts only, unless JSON is asked for', async () => {
  house = await openSimulator()
  await house.place({ StatusCallbackContentType: undefined })
  const [first, second, terminal] = await house.messages()
  expect(first?.contentType).toMatch(/^multipart\/form-data; boundary=-{24}[0-9a-f]{16}$/)
  expect(multipartFields(first?.body ?? '')).toEqual(
    multipartFields(await sample('23-callback-answered-leg1.multipart.txt')),
  )
  expect(second?.body).toContain('in-progress')
  expect(multipartFields(terminal?.body ?? '')).toEqual(
    multipartFields(await sample('20-callback-terminal-completed.multipart.txt')),
  )
})

test('without events only the end is reported, in four fields', async () => {
  house = await openSimulator()
  await house.place({
    'StatusCallbackEvents[0]': undefined,
    'StatusCallbackEvents[1]': undefined,
    StatusCallbackContentType: 'multipart/form-data',
  })
  const heard = await house.messages()
  expect(heard.map(({ body }) => multipartFields(body))).toEqual([
    multipartFields(await sample('21-callback-default-four-fields.multipart.txt')),
  ])
})

test('events are understood in the other spelling, too', async () => {
  house = await openSimulator()
  await house.place({
    ...{ 'StatusCallbackEvents[0]': undefined, 'StatusCallbackEvents[1]': undefined },
    'StatusCallbackEvents[]': 'answered',
  })
  expect(await house.messages()).toHaveLength(2)
})

for (const [event, count] of [
  ['answered', 2],
  ['terminal', 1],
] as const)
  test(`who subscribes to ${event} alone hears ${count} of it`, async () => {
    house = await openSimulator()
    await house.place({ 'StatusCallbackEvents[0]': event, 'StatusCallbackEvents[1]': undefined })
    const heard = (await house.messages()).map(({ body }) => JSON.parse(body).EventType)
    expect(heard).toEqual(Array(count).fill(event))
  })

test('callbacks come to the address that was given, and repeat the custom field at the end', async () => {
  house = await openSimulator()
  const sid = await house.place()
  const heard = await house.messages()
  expect(heard.map(({ method, url }) => `${method} ${url}`)).toEqual(
    Array(3).fill(`POST /api/webhooks/exotel/${secret}?call=x&sig=y`),
  )
  const bodies = heard.map(({ body }) => JSON.parse(body))
  expect(bodies.map(({ CallSid }) => CallSid)).toEqual([sid, sid, sid])
  expect(bodies.map(({ CustomField }) => CustomField)).toEqual([undefined, undefined, customField])
})

test('a call without a custom field, a recording or a callback address has none', async () => {
  house = await openSimulator()
  await house.place({ CustomField: undefined, Record: 'false' })
  await house.place({ StatusCallback: undefined })
  const terminal = JSON.parse((await house.messages()).at(-1)?.body ?? '')
  expect(house.heard).toHaveLength(3)
  expect(terminal.RecordingUrl).toBeNull()
  expect('CustomField' in terminal).toBe(false)
})

test('the times of callbacks are India’s, and fit one another', async () => {
  house = await openSimulator({ step: 700 })
  const before = Math.floor(Date.now() / 1000) * 1000
  await house.place()
  const [first, second, terminal] = (await house.messages()).map(({ body }) => JSON.parse(body))
  const at = (text: string) => Date.parse(`${text.replace(' ', 'T')}+05:30`)
  expect(at(terminal.StartTime)).toBeGreaterThanOrEqual(before)
  expect(at(terminal.EndTime)).toBeLessThanOrEqual(Date.now())
  const talk = (at(terminal.EndTime) - at(second.DateUpdated)) / 1000
  expect(terminal.ConversationDuration).toBe(talk)
  expect(terminal.Legs.map((leg: object) => value(leg, 'OnCallDuration'))).toEqual([
    (at(terminal.EndTime) - at(first.DateUpdated)) / 1000,
    talk,
  ])
  expect(terminal.Legs[0].OnCallDuration).toBeGreaterThan(0)
}, 15_000)

for (const status of [500, 404, 302, 204, 0])
  test(`a callback that is answered ${status || 'by a cut'} is tried twice again, then given up`, async () => {
    house = await openSimulator({ answer: () => status })
    const sid = await house.place({ To: '+919999990006' })
    const heard = await house.messages()
    expect(heard).toHaveLength(3)
    expect(new Set(heard.map(({ body }) => body)).size).toBe(1)
    expect(house.simulator.calls()[0]?.callbacks).toEqual({
      ...{ sent: 3, accepted: 0, lost: 0, failed: 1 },
    })
    expect(house.events).toContainEqual({ type: 'undelivered', sid, message: 'terminal' })
  })

test('callbacks of a call come in order, also where the first is answered late', async () => {
  let release = () => {}
  const heard: string[] = []
  const receiver = Bun.serve({
    port: 0,
    async fetch(request) {
      heard.push(String(value(await request.json(), 'EventType')))
      if (heard.length === 1)
        await new Promise<void>((resolve) => {
          release = resolve
        })
      return new Response('OK')
    },
  })
  house = await openSimulator()
  await house.place({ StatusCallback: receiver.url.href })
  await until(async () => (heard.length === 1 ? true : undefined))
  await until(async () => house.simulator.calls()[0]?.over || undefined)
  expect(heard).toEqual(['answered'])
  release()
  await house.simulator.settled()
  expect(heard).toEqual(['answered', 'answered', 'terminal'])
  await receiver.stop(true)
})

test('a callback that must be tried again does not hold up the next', async () => {
  let first: string | undefined
  house = await openSimulator({
    answer({ body }) {
      first ??= body
      return body === first ? 500 : 200
    },
  })
  await house.place()
  const heard = (await house.messages()).map(({ body }) => body === first)
  expect(heard).toEqual([true, false, false, true, true])
})

test('a callback that is not answered in time is tried twice again', async () => {
  house = await openSimulator({ answer: () => -1, answerWithin: 50 })
  await house.place({ To: '+919999990006' })
  expect(await house.messages()).toHaveLength(3)
  expect(house.simulator.calls()[0]?.callbacks.failed).toBe(1)
})

test('the end of the simulator does not wait for a callback that is under way', async () => {
  house = await openSimulator({ answer: () => -1, answerWithin: 60_000 })
  await house.place({ To: '+919999990006' })
  await until(async () => (house.heard.length === 1 ? true : undefined))
  await house.simulator.close()
  expect(house.simulator.calls()[0]?.callbacks).toEqual({
    ...{ sent: 1, accepted: 0, lost: 0, failed: 0 },
  })
}, 20_000)

test('a callback that is taken at the second attempt is not sent again', async () => {
  house = await openSimulator({ answer: (_, earlier) => (earlier === 0 ? 503 : 200) })
  await house.place({ To: '+919999990006' })
  expect(await house.messages()).toHaveLength(2)
  expect(house.simulator.calls()[0]?.callbacks).toEqual({
    ...{ sent: 2, accepted: 1, lost: 0, failed: 0 },
  })
})

test('no more than 64 callbacks are under way at a time, and all arrive', async () => {
  const open = { now: 0, most: 0 }
  const slow = Bun.serve({
    port: 0,
    async fetch() {
      open.now += 1
      open.most = Math.max(open.most, open.now)
      await Bun.sleep(100)
      open.now -= 1
      return new Response('OK')
    },
  })
  house = await openSimulator()
  const address = new URL('/callbacks', slow.url).href
  await Promise.all(Array.from({ length: 200 }, () => house.place({ StatusCallback: address })))
  await house.simulator.settled()
  await slow.stop(true)
  expect(open.most).toBeLessThanOrEqual(64)
  expect(open.most).toBeGreaterThan(32)
  const accepted = house.simulator.calls().map(({ callbacks }) => callbacks.accepted)
  expect(accepted).toEqual(Array(200).fill(3))
}, 20_000)
