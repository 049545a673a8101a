import { afterEach, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { type Fault, type FaultShares, faults } from '../../src/exotel-simulator/index.ts'
import { until } from '../calls/house.ts'
import {
  customField,
  type Heard,
  type House,
  openSimulator,
  secret,
  understood,
  value,
} from './house.ts'

let house: House
afterEach(() => house.close())

const open = (shares: FaultShares, more: Parameters<typeof openSimulator>[0] = {}) =>
  openSimulator({ ...more, faults: shares })
const sample = async (name: string) =>
  JSON.parse(await readFile(new URL(`../calls/samples/${name}`, import.meta.url), 'utf8'))
const placed = () => house.simulator.calls().length

for (const [fault, status, places] of [
  ['error', 500, 0],
  ['error-placed', 500, 1],
  ['html', 502, 0],
  ['unreadable', 200, 1],
  ['rate-limited', 429, 0],
  ['error-in-200', 200, 0],
] as const)
  test(`under ${fault} connect answers ${status}, and ${places} call is placed`, async () => {
    house = await open({ [fault]: 1 })
    const answer = await house.connect()
    expect(answer.status).toBe(status)
    expect(placed()).toBe(places)
    expect(house.simulator.posts(customField)).toBe(1)
    expect(house.simulator.counts().faults).toEqual({ [fault]: 1 })
    expect(house.events).toContainEqual({ type: 'fault', fault, occasion: 'connect 1' })
    const body = await answer.text()
    if (fault === 'html') expect(body).toStartWith('<html>')
    else if (fault === 'unreadable') expect(() => JSON.parse(body)).toThrow()
    else
      expect(value(JSON.parse(body), 'RestException', 'Status')).toBe(status === 200 ? 403 : status)
    if (fault === 'rate-limited')
      expect(JSON.parse(body)).toEqual(await sample('63-error-429.json'))
    if (fault === 'error-in-200')
      expect(JSON.parse(body)).toEqual(await sample('67-error-in-200.json'))
    await house.simulator.settled()
    expect(house.heard).toHaveLength(3 * places)
  })

for (const [fault, places] of [
  ['lost-answer', 1],
  ['reset', 0],
] as const)
  test(`under ${fault} the connection is cut without a byte, and ${places} call is placed`, async () => {
    house = await open({ [fault]: 1 })
    await expect(house.connect()).rejects.toThrow()
    expect(house.simulator.calls().map(({ posts }) => posts)).toEqual(Array(places).fill(1))
    expect(house.simulator.posts(customField)).toBe(1)
    await house.simulator.settled()
    expect(house.heard).toHaveLength(3 * places)
  })

test('under slow the call is over before connect is answered', async () => {
  house = await open({ slow: 1 }, { slowBy: 1500 })
  let answered = false
  const answering = house.connect().then(({ status }) => {
    answered = true
    return status
  })
  await until(async () => (house.heard.length === 3 ? true : undefined))
  expect(house.simulator.calls()[0]?.over).toBe(true)
  expect(answered).toBe(false)
  expect(await answering).toBe(200)
})

test('several faults hold at once', async () => {
  house = await open({ slow: 1, 'error-placed': 1, 'callback-lost': 1 }, { slowBy: 10 })
  expect((await house.connect()).status).toBe(500)
  await house.simulator.settled()
  expect(placed()).toBe(1)
  expect(house.heard).toEqual([])
  expect(house.simulator.counts().faults).toEqual({
    ...{ slow: 1, 'error-placed': 1, 'callback-lost': 3 },
  })
})

const bodies = (heard: readonly Heard[]) => heard.map(({ body }) => JSON.parse(body))
const events = (heard: readonly Heard[]) => bodies(heard).map(({ EventType }) => EventType)

test('under callback-lost nothing is sent, and the loss is told', async () => {
  house = await open({ 'callback-lost': 1 })
  await house.place()
  expect(await house.messages()).toEqual([])
  expect(house.simulator.calls()[0]?.callbacks).toEqual({
    sent: 0,
    accepted: 0,
    lost: 3,
    failed: 0,
  })
})

test('under callback-twice each comes twice, word for word', async () => {
  house = await open({ 'callback-twice': 1 })
  await house.place()
  const heard = (await house.messages()).map(({ body }) => body)
  expect(heard).toHaveLength(6)
  expect(new Set(heard).size).toBe(3)
})

test('under callback-reordered the terminal one comes first', async () => {
  house = await open({ 'callback-reordered': 1 })
  await house.place()
  const heard = await house.messages()
  expect(events(heard)).toEqual(['terminal', 'answered', 'answered'])
})

test('under callback-late a callback comes so many steps later', async () => {
  house = await open({ 'callback-late': 1 }, { lateBy: 50 })
  const before = performance.now()
  await house.place()
  await until(async () => (house.simulator.calls()[0]?.over === true ? true : undefined))
  expect(house.heard).toEqual([])
  expect(events(await house.messages()).toSorted()).toEqual(['answered', 'answered', 'terminal'])
  expect(performance.now() - before).toBeGreaterThan(51 * 20)
})

for (const type of ['application/json', 'multipart/form-data'])
  test(`under callback-malformed a broken ${type} comes beside the right one`, async () => {
    house = await open({ 'callback-malformed': 1 })
    await house.place({ StatusCallbackContentType: type })
    const heard = await house.messages()
    expect(heard).toHaveLength(6)
    expect(new Set(heard.map(({ url }) => url)).size).toBe(1)
    const read = await Promise.all(heard.map(understood))
    const whole = read.filter((message) => message?.legs.length === 2)
    expect(whole).toHaveLength(3)
    expect(house.simulator.calls()[0]?.callbacks.accepted).toBe(3)
  })

test('under callback-wrong-secret a forged one comes beside the right one, to another address', async () => {
  house = await open(
    { 'callback-wrong-secret': 1 },
    { answer: ({ url }) => (url.includes(secret) ? 200 : 404) },
  )
  await house.place()
  const heard = await house.messages()
  const forged = heard.filter(({ url }) => !url.includes(secret))
  expect(forged.map(({ url }) => url.split('/').at(-1)?.length)).toEqual(
    Array(3).fill(`${secret}?call=x&sig=y`.length),
  )
  expect(bodies(forged).map(({ Status }) => Status)).toEqual(['failed', 'failed', 'failed'])
  expect(heard).toHaveLength(6)
  expect(house.simulator.calls()[0]?.callbacks).toEqual({
    sent: 3,
    accepted: 3,
    lost: 0,
    failed: 0,
  })
})

test('under details-error both kinds of details answer 500, until it is over', async () => {
  house = await open({ 'details-error': 1 })
  const sid = await house.place()
  for (const path of [`Calls/${sid}.json`, 'Calls.json'])
    expect((await house.ask(`${house.account}/${path}`)).status).toBe(500)
  house.simulator.setFaults({})
  expect((await house.ask(`${house.account}/Calls/${sid}.json`)).status).toBe(200)
})

test('under details-slow details are late', async () => {
  house = await open({ 'details-slow': 1 }, { slowBy: 200 })
  const sid = await house.place()
  const before = performance.now()
  expect((await house.ask(`${house.account}/Calls/${sid}.json`)).status).toBe(200)
  expect(performance.now() - before).toBeGreaterThan(195)
})

test('faults befall the messages of a flow, too', async () => {
  house = await open({ 'callback-twice': 1, 'callback-wrong-secret': 1, 'callback-malformed': 1 })
  house.simulator.incoming({ from: '+919999900002', to: '+919999900010', outcome: 'call-attempt' })
  const heard = await house.messages()
  expect(heard).toHaveLength(4)
  expect(heard.filter(({ url }) => !url.includes(secret))).toHaveLength(1)
})

/** Places calls one after the other, and tells which faults held on which occasion. */
async function run(seed: number): Promise<readonly string[]> {
  house = await open({ all: 0.2 }, { seed, slowBy: 1, step: 5, lateBy: 1 })
  for (let call = 0; call < 40; call += 1) await house.connect().catch(() => undefined)
  await house.simulator.settled()
  const held = house.events.flatMap((event) =>
    event.type === 'fault' ? [`${event.fault} ${event.occasion}`] : [],
  )
  await house.close()
  return held.toSorted()
}

test('a seed repeats a run, another one does not', async () => {
  const [one, same, other] = [await run(1), await run(1), await run(2)]
  expect(one.length).toBeGreaterThan(50)
  expect(same).toEqual(one)
  expect(other).not.toEqual(one)
  house = await open({})
}, 30_000)

test('all stands for every fault but the error under 200, and for none that is named', async () => {
  house = await open({ all: 1, reset: 0, 'rate-limited': 0, error: 0, html: 0 }, { slowBy: 1 })
  await expect(house.connect()).rejects.toThrow()
  expect(placed()).toBe(1)
  await house.ask(`${house.account}/Calls.json`)
  await house.simulator.settled()
  const named: readonly Fault[] = ['reset', 'rate-limited', 'error', 'html', 'error-in-200']
  // What is lost cannot be late; a lost answer is neither an error nor unreadable.
  const hidden = [
    'error-placed',
    'unreadable',
    'callback-twice',
    'callback-late',
    'callback-malformed',
    'callback-wrong-secret',
  ]
  expect(Object.keys(house.simulator.counts().faults).toSorted()).toEqual(
    Object.keys(faults)
      .filter((name) => ![...named, ...hidden].includes(name))
      .toSorted(),
  )
})

test('a fault holds about as often as its share says', async () => {
  house = await open({ error: 0.25 })
  for (let call = 0; call < 200; call += 1) await house.connect({ StatusCallback: undefined })
  // The same on every run: the seed decides.
  expect(house.simulator.counts().faults['error']).toBeGreaterThan(30)
  expect(house.simulator.counts().faults['error']).toBeLessThan(70)
})
