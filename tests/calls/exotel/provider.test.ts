import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { metrics, trace } from '@opentelemetry/api'
import { type Exotel, exotel, type ProviderCall } from '../../../src/calls/index.ts'
import { type ExotelSimulator, exotelSimulator } from '../../../src/exotel-simulator/index.ts'
import { memoryStore } from '../../../src/hooks/rate-limit/index.ts'
import { httpClientTelemetry } from '../../../telemetry/index.ts'
import { eventually } from '../../support/process.ts'

/** A stand-in that gives one answer to everything, and keeps what it was asked. */
interface StandIn {
  readonly url: string
  answer: { status: number; body: string; type?: string; headers?: Record<string, string> }
  asked: { method: string; url: string; body: string; authorization: string | undefined }[]
  close(): void
}

async function standIn(): Promise<StandIn> {
  const own: StandIn = {
    url: '',
    answer: { status: 200, body: '' },
    asked: [],
    close: () => server.close(),
  }
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method = '', url = '', headers } = request
    own.asked.push({ method, url, body, authorization: headers.authorization })
    const { status, type = 'application/json', body: text, headers: more } = own.answer
    response.writeHead(status, { 'content-type': type, ...more })
    response.end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return Object.assign(own, { url: `http://127.0.0.1:${port}` })
}

const sample = (name: string): Promise<string> =>
  readFile(new URL(`../samples/${name}`, import.meta.url), 'utf8')

const telemetry = httpClientTelemetry({
  meter: metrics.getMeter('test'),
  tracerProvider: { getTracer: (name) => trace.getTracer(name) },
})

const account = (subdomain: string, more: object = {}) => ({
  sid: 'exampletenant1',
  apiKey: 'the-key-of-the-account',
  apiToken: 'the-token-of-the-account',
  subdomain,
  callerId: '09999900010',
  ...more,
})

const providerAt = (url: string, more: object = {}): Exotel =>
  exotel({
    account: account(url),
    rate: undefined,
    store: memoryStore(),
    telemetry,
    connectTimeout: 500,
    answerTimeout: 300,
    ...more,
  })

const call: ProviderCall = {
  id: '0190aaaa-0000-7000-8000-000000000101',
  from: '+919999900001',
  to: '+919999900002',
  record: true,
  dispatchedAt: new Date('2026-01-15T08:55:10Z'),
  providerCallId: null,
  recordingUrl: null,
  callbackUrl:
    'https://caly.example/api/webhooks/exotel/SECRET?c=0190aaaa-0000-7000-8000-000000000101&t=HMAC',
}

const signal = new AbortController().signal

let server: StandIn
beforeAll(async () => {
  server = await standIn()
})
afterAll(() => server.close())
beforeEach(() => {
  server.asked = []
})

describe('place()', () => {
  test('sends the documented fields once, with the credentials in the header alone', async () => {
    server.answer = { status: 200, body: await sample('02-connect-response-200.json') }
    const placement = await providerAt(server.url).place(call, signal)
    expect(placement).toEqual({
      outcome: 'placed',
      providerCallId: 'ca1y0000000000000000000000000101',
    })
    expect(server.asked).toHaveLength(1)
    const [asked] = server.asked
    expect(asked?.method).toBe('POST')
    expect(asked?.url).toBe('/v1/Accounts/exampletenant1/Calls/connect.json')
    expect(asked?.authorization).toBe(
      `Basic ${Buffer.from('the-key-of-the-account:the-token-of-the-account').toString('base64')}`,
    )
    const form = new URLSearchParams(asked?.body)
    const documented = new URLSearchParams(
      (await sample('01-connect-request.urlencoded.txt')).trim(),
    )
    expect([...form.keys()]).toEqual([...documented.keys()])
    const ours = { From: call.from, To: call.to, TimeLimit: '14400', RecordingChannels: 'single' }
    expect(Object.fromEntries(form)).toEqual({ ...Object.fromEntries(documented), ...ours })
  })

  test('says that nothing is to be recorded where nothing is', async () => {
    server.answer = { status: 200, body: await sample('02-connect-response-200.json') }
    await providerAt(server.url).place({ ...call, record: false }, signal)
    const form = new URLSearchParams(server.asked[0]?.body)
    expect(form.get('Record')).toBe('false')
    expect(form.has('RecordingChannels')).toBe(false)
  })

  const answers = [
    ['60-error-400.json', 400, { outcome: 'refused', reason: 'exotel_400' }],
    ['61-error-401.json', 401, { outcome: 'refused', reason: 'exotel_401' }],
    ['62-error-403.json', 403, { outcome: 'refused', reason: 'exotel_403' }],
    ['63-error-429.json', 429, { outcome: 'retry', reason: 'exotel_429' }],
    ['64-error-401.xml', 401, { outcome: 'refused', reason: 'exotel_401' }],
    ['65-error-402.json', 402, { outcome: 'refused', reason: 'exotel_402' }],
    ['66-error-404.json', 404, { outcome: 'refused', reason: 'exotel_404' }],
    ['67-error-in-200.json', 200, { outcome: 'refused', reason: 'exotel_403' }],
    ['68-error-502.html', 502, { outcome: 'unknown', reason: 'exotel_502' }],
    ['61-error-401.json', 500, { outcome: 'unknown', reason: 'exotel_401' }],
    ['68-error-502.html', 200, { outcome: 'unknown', reason: 'exotel_200' }],
    ['03-connect-response-200.xml', 200, { outcome: 'unknown', reason: 'exotel_200' }],
    ['54-calls-bulk-200.json', 200, { outcome: 'unknown', reason: 'exotel_unreadable' }],
  ] as const
  for (const [name, status, placement] of answers) {
    test(`reads ${name} under ${status} as ${placement.outcome} (${placement.reason})`, async () => {
      server.answer = { status, body: await sample(name) }
      expect(await providerAt(server.url).place(call, signal)).toEqual(placement)
      expect(server.asked).toHaveLength(1)
    })
  }

  test('may be tried again where nobody listens', async () => {
    const gone = await standIn()
    gone.close()
    expect(await providerAt(gone.url).place(call, signal)).toEqual({
      outcome: 'retry',
      reason: 'exotel_unreachable',
    })
  })

  test('follows no redirect: what became of the call there nobody knows', async () => {
    server.answer = { status: 307, body: '', headers: { location: `${server.url}/elsewhere` } }
    expect((await providerAt(server.url).place(call, signal)).outcome).toBe('unknown')
    expect(server.asked).toHaveLength(1)
  })
})

describe('details()', () => {
  const named = { ...call, providerCallId: 'ca1y0000000000000000000000000101' }
  const read = async (name: string, one: ProviderCall = named) => {
    server.answer = { status: 200, body: await sample(name) }
    return await providerAt(server.url).details(one, signal)
  }

  test('reads a settled record: outcome, talk, times in UTC', async () => {
    const [details] = await read('50-call-details-200-completed.json')
    expect(details).toMatchObject({
      settled: true,
      news: { status: 'completed', durationSeconds: 320, authority: 'details' },
    })
    expect(details?.news.startedAt?.toISOString()).toBe('2026-01-15T08:55:10.000Z')
    expect(details?.news.answeredAt?.toISOString()).toBe('2026-01-15T08:55:25.000Z')
    expect(details?.news.endedAt?.toISOString()).toBe('2026-01-15T09:00:45.000Z')
    expect(server.asked[0]?.url).toBe(
      '/v1/Accounts/exampletenant1/Calls/ca1y0000000000000000000000000101.json?details=true',
    )
  })

  test('takes a final word without an end for a call that is not over', async () => {
    const [details] = await read('51-call-details-200-not-settled.json')
    expect(details).toMatchObject({ settled: false, news: { status: 'in-progress' } })
    expect(details?.news.endedAt).toBeUndefined()
  })

  test('reads from the leg that nobody took an incoming call', async () => {
    const providerCallId = 'ca1y0000000000000000000000000202'
    const one = { ...call, providerCallId }
    const [details] = await read('52-call-details-200-inbound-missed.json', one)
    expect(details).toMatchObject({ settled: true, news: { status: 'no-answer' } })
  })

  test('reads from the leg that the agent hung up', async () => {
    const providerCallId = 'ca1y0000000000000000000000000106'
    const one = { ...call, providerCallId }
    const [details] = await read('53-call-details-200-agent-hung-up.json', one)
    expect(details).toMatchObject({ settled: true, news: { status: 'canceled' } })
  })

  test('of another call than the one asked for is no answer', async () => {
    const one = { ...call, providerCallId: 'another' }
    await expect(read('50-call-details-200-completed.json', one)).rejects.toThrow()
  })

  test('of a call that Exotel does not know are none', async () => {
    server.answer = { status: 404, body: await sample('66-error-404.json') }
    expect(await providerAt(server.url).details(named, signal)).toEqual([])
  })

  test('are asked for again, up to three times, while Exotel fails', async () => {
    server.answer = { status: 502, body: await sample('68-error-502.html') }
    await expect(providerAt(server.url).details(named, signal)).rejects.toMatchObject({
      code: 'UPSTREAM_FAILED',
      providerCode: '502',
    })
    expect(server.asked).toHaveLength(3)
  })

  test('are asked for once where the account is refused', async () => {
    server.answer = { status: 401, body: await sample('61-error-401.json') }
    await expect(providerAt(server.url).details(named, signal)).rejects.toMatchObject({
      providerCode: '401',
      message: 'Exotel answered with its code 401',
    })
    expect(server.asked).toHaveLength(1)
  })

  test('of a call without a name are all that it may be: its numbers, about its time, nearest first', async () => {
    const found = await read('54-calls-bulk-200.json', call)
    expect(found.map(({ providerCallId }) => providerCallId)).toEqual([
      'ca1y0000000000000000000000000101',
      'ca1y0000000000000000000000000103',
    ])
    const asked = new URL(server.asked[0]?.url ?? '', server.url).searchParams
    expect(asked.get('From')).toBe(call.from)
    expect(asked.get('To')).toBe(call.to)
    expect(asked.get('DateCreated')).toBe('gte:2026-01-15 14:23:10;lte:2026-01-15 14:27:10')
  })

  const bulkOf = (...lines: object[]) => {
    const line = {
      Sid: 'ca1y0000000000000000000000000101',
      DateCreated: '2026-01-15 14:25:10',
      From: '09999900001',
      To: '09999900002',
      PhoneNumberSid: '09999900010',
      Status: 'completed',
      Direction: 'outbound-api',
    }
    return {
      status: 200,
      body: JSON.stringify({ Calls: lines.map((one) => ({ ...line, ...one })) }),
    }
  }

  const strangers = [
    ['has another caller', { From: '09999900003' }],
    ['has another callee', { To: '09999900003' }],
    ['has the numbers the other way round', { From: '09999900002', To: '09999900001' }],
    ['says nothing of its numbers', { From: null, To: null }],
    ['has come in', { Direction: 'inbound' }],
    ['was placed in the dashboard', { Direction: 'outbound-dial' }],
    ['went over another ExoPhone', { PhoneNumberSid: '09999900011' }],
    ['was made too early', { DateCreated: '2026-01-15 14:23:09' }],
    ['was made too late', { DateCreated: '2026-01-15 14:27:11' }],
    ['does not say when it was made', { DateCreated: null }],
  ] as const
  for (const [what, line] of strangers)
    test(`of a call without a name are not those of one that ${what}`, async () => {
      server.answer = bulkOf(line)
      expect(await providerAt(server.url).details(call, signal)).toEqual([])
    })

  test('of a call without a name are those of one that is spelled otherwise, or says less', async () => {
    server.answer = bulkOf(
      { From: '919999900001', To: '+919999900002', DateCreated: '2026-01-15 14:27:10' },
      { Direction: null, PhoneNumberSid: null, DateCreated: '2026-01-15 14:23:10' },
    )
    const later = { ...call, dispatchedAt: new Date('2026-01-15T08:55:10.900Z') }
    expect(await providerAt(server.url).details(later, signal)).toHaveLength(2)
  })

  test('of a Sid that Exotel refuses to look up are none', async () => {
    server.answer = { status: 400, body: await sample('60-error-400.json') }
    expect(await providerAt(server.url).details(named, signal)).toEqual([])
  })

  test('keep a final word without its end for when nothing better comes', async () => {
    const [unsettled] = await read('51-call-details-200-not-settled.json')
    expect(unsettled?.claimed).toMatchObject({ status: 'completed' })
    expect(unsettled?.claimed?.endedAt).toEqual(unsettled?.at)
    const [settled] = await read('50-call-details-200-completed.json')
    expect(settled?.claimed).toBeUndefined()
    const incoming = { Sid: named.providerCallId, Direction: 'inbound', Status: 'completed' }
    const Call = { ...incoming, EndTime: '2026-01-15 14:30:45' }
    server.answer = { status: 200, body: JSON.stringify({ Call }) }
    const [silent] = await providerAt(server.url).details(named, signal)
    expect(silent?.news.status).toBeUndefined()
    expect(silent?.claimed).toMatchObject({
      status: 'completed',
      endedAt: new Date('2026-01-15T09:00:45Z'),
    })
    server.answer = {
      status: 200,
      body: JSON.stringify({ Call: { ...Call, Status: 'in-progress' } }),
    }
    const [talking] = await providerAt(server.url).details(named, signal)
    expect(talking?.claimed).toBeUndefined()
  })
})

describe('the circuit breaker', () => {
  test('opens after five failures, is seen, and lets a question find out that Exotel is back', async () => {
    const clock = { now: Date.now() }
    const states: string[] = []
    const provider = providerAt(server.url, {
      monotonic: () => clock.now,
      onCircuit: (state: string) => states.push(state),
    })
    server.answer = { status: 503, body: 'down' }
    for (let count = 0; count < 5; count += 1) await provider.place(call, signal)
    expect(provider.circuit).toBe('open')
    expect(provider.warning?.()).toContain('places no calls')
    const wait = (await provider.turn?.(signal)) ?? 0
    expect(wait).toBeGreaterThan(1000)
    server.asked = []
    clock.now += wait
    expect(await provider.turn?.(signal)).toBeGreaterThan(0)
    // No call is risked to find out.
    expect(server.asked.map(({ method }) => method)).toEqual(['GET'])
    server.answer = { status: 200, body: await sample('54-calls-bulk-200.json') }
    clock.now += 120_000
    // One call finds out whether any is placed; the others wait for it.
    expect(await provider.turn?.(signal)).toBe(0)
    expect(await provider.turn?.(signal)).toBeGreaterThan(0)
    expect(provider.circuit).toBe('half_open')
    server.answer = { status: 200, body: await sample('02-connect-response-200.json') }
    await provider.place(call, signal)
    expect(provider.circuit).toBe('closed')
    expect(await provider.turn?.(signal)).toBe(0)
    expect(provider.warning?.()).toBeUndefined()
    expect(states).toEqual(['open', 'half_open', 'open', 'half_open', 'closed'])
  })

  test('says that the account is refused, with the code, until it no longer is', async () => {
    const provider = providerAt(server.url)
    server.answer = { status: 402, body: await sample('65-error-402.json') }
    await provider.place(call, signal)
    expect(provider.warning?.()).toContain('402')
    server.answer = { status: 200, body: await sample('02-connect-response-200.json') }
    await provider.place(call, signal)
    expect(provider.warning?.()).toBeUndefined()
  })

  test('is not closed by questions that are answered, nor is the warning taken back', async () => {
    const provider = providerAt(server.url)
    for (let count = 0; count < 5; count += 1) {
      server.answer = { status: 402, body: await sample('65-error-402.json') }
      await provider.place(call, signal)
      server.answer = { status: 200, body: await sample('54-calls-bulk-200.json') }
      await provider.details(call, signal)
    }
    expect(provider.circuit).toBe('open')
    expect(provider.warning?.()).toContain('402')
  })

  test('is not opened by numbers that Exotel refuses', async () => {
    const provider = providerAt(server.url)
    server.answer = { status: 400, body: await sample('60-error-400.json') }
    for (let count = 0; count < 8; count += 1) await provider.place(call, signal)
    expect(provider.circuit).toBe('closed')
  })
})

describe('against the simulator', () => {
  let simulator: ExotelSimulator
  let provider: Exotel
  beforeAll(async () => {
    simulator = await exotelSimulator({ step: 20, slowBy: 800 })
    const { sid, apiKey, apiToken } = simulator
    provider = providerAt(simulator.url, {
      account: account(simulator.url, { sid, apiKey, apiToken }),
    })
  })
  afterAll(async () => {
    await provider.close()
    await simulator.close()
  })
  const nowhere = 'http://127.0.0.1:1/nowhere'
  const fresh = (id: string) => ({
    ...call,
    id,
    dispatchedAt: new Date(),
    callbackUrl: nowhere,
  })

  const faults = [
    ['slow', 'unknown', 1],
    ['error', 'unknown', 0],
    ['error-placed', 'unknown', 1],
    ['html', 'unknown', 0],
    ['unreadable', 'unknown', 1],
    ['lost-answer', 'unknown', 1],
    ['reset', 'unknown', 0],
    ['rate-limited', 'retry', 0],
    ['error-in-200', 'refused', 0],
  ] as const
  for (const [fault, outcome, calls] of faults) {
    test(`${fault}: the outcome is ${outcome}, asked once, and details tell of ${calls} calls`, async () => {
      simulator.setFaults({ [fault]: 1 })
      const one = { ...fresh(`fault ${fault}`), to: `+9199999${10_000 + faults.length + calls}` }
      const to = `+91999${String(faults.findIndex(([name]) => name === fault)).padStart(7, '7')}`
      const placement = await provider.place({ ...one, to }, signal)
      simulator.setFaults({})
      expect(placement.outcome).toBe(outcome)
      expect(simulator.posts(one.id)).toBe(1)
      expect(await provider.details({ ...one, to }, signal)).toHaveLength(calls)
    })
  }

  test('a recording is streamed, and only that of this account', async () => {
    simulator.setFaults({})
    const one = fresh('recorded')
    const placement = await provider.place({ ...one, to: '+919999955555' }, signal)
    if (placement.outcome !== 'placed') throw new Error(placement.outcome)
    const named = { ...one, providerCallId: placement.providerCallId }
    const details = await eventually(
      async () => (await provider.details(named, signal))[0],
      (found) => found?.recordingUrl !== undefined && found.settled,
    )
    const recordingUrl = details?.recordingUrl ?? null
    const recording = await provider.recording({ ...named, recordingUrl }, signal)
    expect(recording?.contentType).toBe('audio/mpeg')
    const bytes = await new Response(recording?.body).arrayBuffer()
    expect(bytes.byteLength).toBe(recording?.length ?? -1)
    expect(bytes.byteLength).toBeGreaterThan(100)
  })
})
