import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { exotelSimulator } from '../../src/exotel-simulator/index.ts'
import { customer, exoPhone, type House, openSimulator, sidOf, value } from './house.ts'
import { shapeOf } from './shape.ts'

const sample = (name: string) =>
  readFile(new URL(`../calls/samples/${name}`, import.meta.url), 'utf8')
const jsonSample = async (name: string) => shapeOf(JSON.parse(await sample(name)))
/** The names of elements, in their order. */
const elements = (xml: string) => [...xml.matchAll(/<(\/?\w+)/g)].map(([, name]) => name)

describe('on one simulator', () => {
  let house: House
  beforeAll(async () => {
    house = await openSimulator({ callerIds: [exoPhone] })
  })
  afterAll(() => house.close())

  test('a call is answered at once with the Call object of the sample, in progress', async () => {
    const answer = await house.connect()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(shapeOf(await answer.json())).toEqual(await jsonSample('02-connect-response-200.json'))
  })

  test('without .json the answer is XML, element by element as in the sample', async () => {
    const answer = await house.connect({}, `${house.account}/Calls/connect`)
    const xml = await answer.text()
    expect(answer.headers.get('content-type')).toBe('application/xml')
    expect(elements(xml)).toEqual(elements(await sample('03-connect-response-200.xml')))
    expect(xml).toContain(`<Uri>${house.account}/Calls/`)
  })

  test('a multipart request is understood as well', async () => {
    const body = new FormData()
    for (const [name, text] of Object.entries(house.fields())) body.set(name, String(text))
    const answer = await house.ask(`${house.account}/Calls/connect.json`, { method: 'POST', body })
    expect(answer.status).toBe(200)
    expect(value(await answer.json(), 'Call', 'To')).toBe('09999900007')
  })

  test('the same request again is a second call', async () => {
    const id = crypto.randomUUID()
    const [one, other] = [
      await house.place({ CustomField: id }),
      await house.place({ CustomField: id }),
    ]
    expect(one).not.toBe(other)
    const calls = house.simulator.calls().filter((call) => call.customField === id)
    expect(calls.map(({ sid, posts }) => ({ sid, posts }))).toEqual([
      { sid: one, posts: 2 },
      { sid: other, posts: 2 },
    ])
    expect(house.simulator.posts(id)).toBe(2)
  })

  test('what was played is told, with the numbers as they were given', async () => {
    const sid = await house.place({ CustomField: 'mine', To: customer })
    await house.simulator.settled()
    expect(house.simulator.calls().find((call) => call.sid === sid)).toEqual({
      ...{ sid, customField: 'mine', from: '+919999900001', to: customer, callerId: exoPhone },
      ...{ direction: 'outbound-api', recorded: true, status: 'completed', over: true, posts: 1 },
      legs: ['completed', 'completed'],
      callbacks: { sent: 3, accepted: 3, lost: 0, failed: 0 },
    })
    const told = await house.json('/simulator/calls')
    expect(value(told, 'calls')).toEqual(house.simulator.calls())
    expect(value(told, 'requests', 'connect')).toBeGreaterThan(0)
  })

  const long = 'x'.repeat(129)
  for (const [what, fields, message] of [
    ['no From', { From: undefined }, 'From is missing'],
    ['from in lower case', { From: undefined, from: customer }, 'From is missing'],
    ['a From that is no number', { From: 'somebody' }, 'From is not a valid number'],
    ['no To', { To: '' }, 'To is missing'],
    ['a To of two numbers', { To: `${customer},${customer}` }, 'To is not a valid number'],
    ['no CallerId', { CallerId: undefined }, 'CallerId is missing'],
    [
      "somebody else's ExoPhone",
      { CallerId: customer },
      'CallerId is not a number of this account',
    ],
    ['CallType promo', { CallType: 'promo' }, 'CallType must be trans'],
    [
      'a TimeLimit of more than 4 hours',
      { TimeLimit: '14401' },
      'TimeLimit must be from 1 to 14400',
    ],
    ['a TimeOut of more than a minute', { TimeOut: '61' }, 'TimeOut must be from 1 to 60'],
    ['a TimeOut that is no number', { TimeOut: '1e1' }, 'TimeOut must be from 1 to 60'],
    ['Record yes', { Record: 'yes' }, 'Record must be true or false'],
    ['RecordingChannels 3', { RecordingChannels: '3' }, 'RecordingChannels must be single or dual'],
    ['RecordingFormat ogg', { RecordingFormat: 'ogg' }, 'RecordingFormat must be mp3 or mp3-hq'],
    ['a long CustomField', { CustomField: long }, 'CustomField is longer than 128 characters'],
    [
      'a StatusCallback of another scheme',
      { StatusCallback: 'ftp://caly.example' },
      'StatusCallback is not an http or https URL',
    ],
    [
      'an unknown event',
      { 'StatusCallbackEvents[1]': 'ringing' },
      'StatusCallbackEvents takes answered and terminal',
    ],
    [
      'an unknown content type',
      { StatusCallbackContentType: 'text/xml' },
      'StatusCallbackContentType must be multipart/form-data or application/json',
    ],
  ] as const)
    test(`a request with ${what} is answered 400, and places nothing`, async () => {
      const before = house.simulator.calls().length
      const answer = await house.connect(fields)
      expect(answer.status).toBe(400)
      const body = await answer.json()
      expect(value(body, 'RestException')).toEqual({
        Status: 400,
        Message: `Invalid parameter: ${message}`,
      })
      expect(house.simulator.calls()).toHaveLength(before)
    })

  test('an error has the shape of the sample', async () => {
    const answer = await house.connect({ From: 'x' })
    expect(shapeOf(await answer.json())).toEqual(await jsonSample('60-error-400.json'))
  })

  test('limits themselves are taken, and the ExoPhone in any spelling', async () => {
    const answer = await house.connect({
      ...{ TimeLimit: '14400', TimeOut: '60', CustomField: 'é'.repeat(128) },
      ...{ CallerId: exoPhone.replace('+91', '0'), 'StatusCallbackEvents[]': 'terminal', New: '1' },
    })
    expect(answer.status).toBe(200)
  })

  for (const [what, init] of [
    ['JSON', { body: '{"From":"1"}', headers: { 'content-type': 'application/json' } }],
    ['broken multipart', { body: 'x', headers: { 'content-type': 'multipart/form-data' } }],
    ['no body', {}],
  ] as const)
    test(`a request with ${what} is answered 400`, async () => {
      const path = `${house.account}/Calls/connect.json`
      expect((await house.ask(path, { method: 'POST', ...init })).status).toBe(400)
    })

  test('a body of more than 64 KiB is answered 413', async () => {
    expect((await house.connect({ Long: 'x'.repeat(70_000) })).status).toBe(413)
  })

  for (const [what, authorization] of [
    ['no credentials', ''],
    ['a wrong token', `Basic ${btoa('key:token')}`],
    ['a bearer token', 'Bearer x'],
  ] as const)
    test(`a request with ${what} is answered 401, in JSON or XML`, async () => {
      const headers = { authorization }
      const path = `${house.account}/Calls/connect`
      const json = await house.ask(`${path}.json`, { method: 'POST', headers })
      expect(json.status).toBe(401)
      expect(await json.json()).toEqual(JSON.parse(await sample('61-error-401.json')))
      const xml = await house.ask(path, { method: 'POST', headers })
      expect(xml.status).toBe(401)
      expect(elements(await xml.text())).toEqual(elements(await sample('64-error-401.xml')))
      for (const other of ['/simulator/calls', '/exotelrecordings/x/y.mp3', '/'])
        expect((await house.ask(other, { headers })).status).toBe(401)
    })

  for (const [path, method, status] of [
    ['/v1/Accounts/another/Calls/connect.json', 'POST', 404],
    ['/v1/accounts/calysimulator1/Calls/connect.json', 'POST', 404],
    ['/v1/Accounts/calysimulator1/calls/connect.json', 'POST', 404],
    ['/v1/Accounts/calysimulator1/Calls/connect.json/', 'POST', 404],
    ['/v1/Accounts/calysimulator1/Calls/connect.json', 'GET', 405],
    ['/v1/Accounts/calysimulator1/Calls.json', 'DELETE', 405],
    ['/simulator/nothing', 'GET', 404],
    ['//', 'GET', 404],
  ] as const)
    test(`${method} ${path} is answered ${status}`, async () => {
      const answer = await house.ask(`${house.simulator.url}${path}`, { method })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('allow') !== null).toBe(status === 405)
    })

  test('refusals are told without what was sent', async () => {
    await house.connect({ From: 'somebody-private' })
    const told = JSON.stringify(house.events)
    expect(told).toContain('From is not a valid number')
    expect(told).not.toContain('somebody-private')
  })
})

describe('started otherwise', () => {
  let house: House
  afterEach(() => house.close())

  test('it forgets the oldest call beyond what it keeps', async () => {
    house = await openSimulator({ keep: 2 })
    const sids = [await house.place(), await house.place(), await house.place()]
    expect(house.simulator.calls().map(({ sid }) => sid)).toEqual(sids.slice(1))
    expect((await house.ask(`${house.account}/Calls/${sids[0]}.json`)).status).toBe(404)
  })

  test('it ends at once, with callbacks pending and clients connected', async () => {
    house = await openSimulator({ step: 60_000, faults: { slow: 1 }, slowBy: 60_000 })
    const waiting = house.connect().catch(() => 'cut')
    while (house.simulator.calls().length === 0) await Bun.sleep(5)
    await house.simulator.close()
    await waiting
    await house.simulator.settled()
    expect(house.heard).toEqual([])
    await expect(fetch(house.simulator.url)).rejects.toThrow()
  })
})

test('two starts with one seed have the same credentials, and no Sid in common', async () => {
  const [one, other] = [await openSimulator({ seed: 7 }), await openSimulator({ seed: 7 })]
  const another = await openSimulator({ seed: 8 })
  expect(one.simulator.apiKey).toBe(other.simulator.apiKey)
  expect(one.simulator.apiToken).not.toBe(another.simulator.apiToken)
  expect(sidOf(await (await one.connect()).json())).not.toBe(
    sidOf(await (await other.connect()).json()),
  )
  for (const house of [one, other, another]) await house.close()
})

for (const [option, bad] of [
  ['step', { step: 0 }],
  ['port', { port: 70_000 }],
  ['sid', { sid: 'a/b' }],
  ['seed', { seed: 0.5 }],
  ['keep', { keep: 0 }],
  ['passthru', { passthru: 'file:///etc/passwd' }],
  ['recordingRedirect', { recordingRedirect: 'javascript:1' }],
  ['slow', { faults: { slow: 1.1 } }],
] as const)
  test(`a ${option} that makes no sense is refused by name`, async () => {
    await expect(exotelSimulator(bad)).rejects.toThrow(option)
  })
