import { expect, test } from 'bun:test'
import { interpret } from '../../../src/calls/exotel/interpret.ts'
import { readMessage } from '../../../src/calls/exotel/message.ts'
import { sampleLines, sampleMessage, sampleNames } from '../sample-messages.ts'

const now = Date.UTC(2026, 0, 20)

async function understand(name: string) {
  const message = await readMessage(await sampleMessage(name))
  if (message === undefined) throw new Error(`${name} was not read`)
  return interpret(message, now)
}

for (const [name, status] of [
  ['10-callback-terminal-completed.json', 'completed'],
  ['11-callback-terminal-busy.json', 'busy'],
  ['12-callback-terminal-no-answer-leg2.json', 'no-answer'],
  ['13-callback-terminal-no-answer-leg1.json', 'no-answer'],
  ['14-callback-terminal-failed.json', 'failed'],
  ['15-callback-terminal-failed-leg2-canceled.json', 'canceled'],
  ['16-callback-terminal-canceled-toplevel.json', 'canceled'],
  ['17-callback-answered-leg1.json', 'ringing'],
  ['18-callback-answered-leg2.json', 'in-progress'],
  ['20-callback-terminal-completed.multipart.txt', 'completed'],
  ['21-callback-default-four-fields.multipart.txt', 'completed'],
  ['22-callback-terminal-completed.urlencoded.txt', 'completed'],
  ['23-callback-answered-leg1.multipart.txt', 'ringing'],
  ['30-passthru-incoming-completed-recording.query.txt', 'completed'],
  ['31-passthru-incoming-missed.query.txt', 'no-answer'],
  ['32-passthru-incoming-client-hangup.query.txt', 'canceled'],
  ['33-passthru-incoming-declined.query.txt', 'busy'],
  ['34-passthru-incoming-first-applet.query.txt', 'ringing'],
  ['35-passthru-incoming-digits.query.txt', 'ringing'],
  ['36-passthru-incoming-voicemail.query.txt', 'no-answer'],
  ['37-passthru-outgoing-completed.query.txt', 'completed'],
  ['38-passthru-insights.query.txt', 'completed'],
  ['39-agent-popup-dial.query.txt', undefined],
  ['40-agent-popup-free.query.txt', undefined],
  ['70-integration-core-terminal.json', 'completed'],
] as const)
  test(`${name} says ${status ?? 'nothing of the status'}`, async () => {
    const { news, providerCallId } = await understand(name)
    expect(news.status).toBe(status)
    expect(providerCallId).toStartWith('ca1y')
  })

test('every sample of a callback has its test above', () => expect(sampleNames).toHaveLength(25))

test('JSON, multipart and urlencoded of one callback are understood alike', async () => {
  const json = await understand('10-callback-terminal-completed.json')
  expect(json.news).toEqual({
    authority: 'callback',
    status: 'completed',
    startedAt: new Date('2026-01-15T08:55:12Z'),
    answeredAt: new Date('2026-01-15T08:55:25Z'),
    endedAt: new Date('2026-01-15T09:00:45Z'),
    durationSeconds: 320,
    recording: true,
    failureReason: undefined,
  })
  expect(json.callId).toBe('0190aaaa-0000-7000-8000-000000000101')
  expect(await understand('20-callback-terminal-completed.multipart.txt')).toEqual(json)
  expect(await understand('22-callback-terminal-completed.urlencoded.txt')).toEqual(json)
})

test("passthru's placeholder is no end, and its ring time no talk time", async () => {
  const { news } = await understand('33-passthru-incoming-declined.query.txt')
  expect(news.endedAt).toBeUndefined()
  expect(news.durationSeconds).toBeUndefined()
})

interface Hostile {
  readonly id: string
  readonly method: string
  readonly contentType?: string
  readonly query?: string
  readonly body?: string
}

const hostile = await sampleLines<Hostile>('80-hostile.jsonl')

/** What comes of the hostile ones: `unreadable`, `no call`, or a piece of the interpretation. */
const verdicts: Readonly<Record<string, unknown>> = {
  'recording-null-string': { news: { recording: false } },
  'sid-missing': 'no call',
  'sid-array': 'no call',
  'sid-object': 'no call',
  'sid-long': 'no call',
  'sid-sql': 'no call',
  'sid-not-hex': { providerCallId: '00ca1y000000000000000000000zz62m' },
  'status-unknown': { news: { status: undefined } },
  'status-null-string': { news: { status: undefined } },
  'status-missing': { news: { status: undefined } },
  'status-case-cancelled': { news: { status: 'canceled' } },
  'durations-strings': { news: { durationSeconds: 320 } },
  'duration-negative': { news: { durationSeconds: undefined } },
  'duration-huge': { news: { durationSeconds: undefined } },
  'duration-text': { news: { durationSeconds: undefined } },
  'end-epoch': { news: { endedAt: undefined } },
  'end-zero-year': { news: { endedAt: undefined } },
  'end-before-start': { news: { endedAt: undefined } },
  'end-future': { news: { endedAt: undefined } },
  'time-invalid-day': { news: { endedAt: undefined } },
  'legs-object': { news: { status: 'completed', durationSeconds: 320 } },
  'dup-keys-query': 'no call',
  'json-truncated': 'unreadable',
  'json-array': 'unreadable',
  'json-scalar': 'unreadable',
  'empty-body': 'unreadable',
  'multipart-no-boundary': 'unreadable',
  'multipart-file': 'unreadable',
  'charset-utf16': 'unreadable',
  'json-as-form': { news: { status: 'completed' } },
  'form-as-json': { news: { status: 'completed' } },
  'no-content-type': { news: { status: 'completed' } },
  'event-unknown': { news: { status: 'ringing' } },
  'popup-busy': { news: { status: undefined } },
}

for (const { id, method, contentType = '', query = '', body = '' } of hostile)
  test(`the hostile message ${id} does no harm`, async () => {
    const raw = { method, query, contentType, body: new TextEncoder().encode(body) }
    const message = await readMessage(raw)
    const verdict = verdicts[id]
    if (verdict === 'unreadable') {
      expect(message).toBeUndefined()
      return
    }
    if (message === undefined) throw new Error('It was not read')
    expect(message.legs.length).toBeLessThanOrEqual(8)
    const understood = interpret(message, now)
    if (verdict === 'no call') expect(understood.providerCallId).toBeUndefined()
    else {
      expect(understood.providerCallId).toBeDefined()
      expect(understood).toMatchObject(verdict ?? {})
    }
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
  })

test('all 61 hostile messages were tried', () => expect(hostile).toHaveLength(61))
