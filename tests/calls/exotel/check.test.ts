/** What `caly exotel check` knows of Exotel, held against the samples; and what it makes of messages. */
import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { adviceOn } from '../../../src/calls/exotel/check/advice.ts'
import { assumptionsBy, type Evidence } from '../../../src/calls/exotel/check/assumptions.ts'
import { lookAt } from '../../../src/calls/exotel/check/messages.ts'
import { differencesOf, type Shape } from '../../../src/calls/exotel/check/shape.ts'
import {
  answeredCallback,
  callAnswer,
  callDetails,
  callList,
  terminalCallback,
} from '../../../src/calls/exotel/check/shapes.ts'
import { formatTime } from '../../../src/calls/index.ts'
import { sampleMessage, sampleNames } from '../sample-messages.ts'

const none = { fresh: [], missing: [], otherType: [] }

const sample = async (name: string): Promise<object> =>
  JSON.parse(await readFile(new URL(`../samples/${name}`, import.meta.url), 'utf8'))

const known: readonly (readonly [string, Shape])[] = [
  ['02-connect-response-200.json', callAnswer],
  ['50-call-details-200-completed.json', callDetails],
  ['51-call-details-200-not-settled.json', callDetails],
  ['52-call-details-200-inbound-missed.json', callDetails],
  ['53-call-details-200-agent-hung-up.json', callDetails],
  ['54-calls-bulk-200.json', callList],
  ['10-callback-terminal-completed.json', terminalCallback],
  ['17-callback-answered-leg1.json', answeredCallback],
]

describe('the shapes', () => {
  for (const [name, shape] of known) {
    test(`of ${name} are the sample's`, async () => {
      expect(differencesOf(await sample(name), shape)).toEqual(none)
    })

    test(`of ${name} tell each field of it that is missing, new, or of another type`, async () => {
      const whole = await sample(name)
      for (const path of pathsOf(whole)) {
        const text = JSON.stringify(path)
        const label = labelOf(path)
        const without = differencesOf(changed(whole, path, 'remove'), shape)
        const isOptional = /RecordingUrl$/.test(label) && !/^Calls|^Call\.RecordingUrl/.test(label)
        expect([text, without.missing]).toEqual([
          text,
          isOptional ? [] : [expect.stringMatching(new RegExp(`^${literal(label)} \\(`))],
        ])
        const renamed = differencesOf(changed(whole, path, 'rename'), shape)
        expect([text, renamed.fresh]).toEqual([text, [`${label}Renamed`]])
        const other = differencesOf(changed(whole, path, 'retype'), shape)
        expect([text, other.otherType]).toEqual([
          text,
          [expect.stringMatching(new RegExp(`^${literal(label)} \\(`))],
        ])
      }
    })
  }

  test('what is no object at all differs as a whole', () => {
    for (const value of [null, 'text', 7, []])
      expect(differencesOf(value, callList)).toEqual({ ...none, otherType: ['(the whole)'] })
  })

  test('a name that may be a number, or that a terminal obeys, is not repeated', () => {
    const strange = { '+919876543210': 1, a98765: 1, '\u001b[31m': 1, __proto__x: 1 }
    const { fresh } = differencesOf(strange, {})
    expect(fresh).toEqual(['(another name)', '__proto__x'])
  })

  test('an answer of thousands of names is told in forty', () => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`n${index}`, 1]))
    expect(differencesOf(wide, {}).fresh).toHaveLength(40)
  })
})

describe('messages', () => {
  for (const name of sampleNames.filter((one) => /^(1|2)\d-/.test(one)))
    test(`${name} is as it is known, in its own spelling`, async () => {
      const seen = await lookAt({ ...(await sampleMessage(name)), receivedAt: new Date() })
      expect(seen.differences).toEqual(none)
      const [, event = 'plain'] = /callback-(answered|terminal)/.exec(name) ?? []
      const [, spelling] = /\.(json|multipart|urlencoded)/.exec(name) ?? []
      expect([seen.event, seen.spelling]).toEqual([event as 'plain', spelling as 'json'])
    })

  for (const name of sampleNames.filter((one) => one.startsWith('3')))
    test(`${name} is passthru, and not compared`, async () => {
      const seen = await lookAt({ ...(await sampleMessage(name)), receivedAt: new Date() })
      expect(seen).toMatchObject({ spelling: 'query', event: 'passthru', differences: none })
    })

  test('a form with another leg field, and without one, tells both', async () => {
    const raw = await sampleMessage('22-callback-terminal-completed.urlencoded.txt')
    const body = new TextDecoder().decode(raw.body).replace('AnsweredBy', 'AnsweredByWhom')
    const seen = await lookAt({
      ...{ ...raw, body: new TextEncoder().encode(body) },
      receivedAt: new Date(),
    })
    expect(seen.differences).toEqual({
      fresh: ['Legs[].AnsweredByWhom'],
      missing: ['Legs[].AnsweredBy (documented)'],
      otherType: [],
    })
  })

  test('what cannot be read is said to be so', async () => {
    const body = new TextEncoder().encode('{"CallSid": "')
    const raw = { method: 'POST', query: '', contentType: 'application/json', body }
    expect(await lookAt({ ...raw, receivedAt: new Date() })).toMatchObject({
      event: 'unknown',
      spelling: 'unreadable',
      message: undefined,
    })
  })
})

describe('assumptions', () => {
  const callId = '0190aaaa-0000-7000-8000-000000000101'
  const now = new Date('2026-01-15T09:00:46Z')

  /** A callback's JSON, with fields of its own in place of the sample's. */
  const message = async (
    name: string,
    fields: Readonly<Record<string, unknown>> = {},
    contentType = 'application/json',
  ) => {
    const whole = { ...(await sample(name)), DateUpdated: formatTime(now), ...fields }
    const flat = Object.entries(whole).map(([key, value]) => [key, String(value)])
    const text = contentType.includes('json')
      ? JSON.stringify(whole)
      : new URLSearchParams(Object.fromEntries(flat)).toString()
    const body = new TextEncoder().encode(text)
    return lookAt({ method: 'POST', query: '', contentType, body, receivedAt: now })
  }
  const answered = (fields = {}) => message('17-callback-answered-leg1.json', fields)
  const terminal = (fields = {}) => message('10-callback-terminal-completed.json', fields)
  const verdicts = (evidence: Partial<Evidence>) =>
    Object.fromEntries(
      assumptionsBy({ callId, messages: [], ...evidence }).map(({ id, verdict }) => [id, verdict]),
    )

  test('a call of which nothing came has shown nothing', () => {
    expect(new Set(Object.values(verdicts({})))).toEqual(new Set(['not seen']))
  })

  test('a call as it is documented confirms them all', async () => {
    const messages = [await answered(), await answered(), await terminal()]
    const first = { word: 'in-progress', at: new Date(now.getTime() - 1000) }
    const shown = verdicts({ messages, first, found: true, recordingPlaceKnown: true })
    expect(new Set(Object.values(shown))).toEqual(new Set(['confirmed']))
  })

  const at = (minutes: number) => formatTime(new Date(now.getTime() + minutes * 60_000))
  for (const { what, id, verdict, messages, more = {} } of [
    {
      what: 'UTC in place of IST',
      id: 'times',
      verdict: 'refuted',
      messages: () => [terminal({ DateUpdated: at(-330) })],
    },
    {
      what: 'a clock one hour ahead',
      id: 'times',
      verdict: 'refuted',
      messages: () => [terminal({ DateUpdated: at(60) })],
    },
    {
      what: 'a callback that came ten minutes late',
      id: 'times',
      verdict: 'not seen',
      messages: () => [terminal({ DateUpdated: at(-10) })],
    },
    {
      what: 'one in time, beside one that came late',
      id: 'times',
      verdict: 'confirmed',
      messages: () => [terminal({ DateUpdated: at(-15) }), answered({ DateUpdated: at(-1) })],
    },
    {
      what: 'an end alone, after talk',
      id: 'events',
      verdict: 'refuted',
      messages: () => [terminal()],
    },
    {
      what: 'an end alone, of a call that nobody answered',
      id: 'events',
      verdict: 'not seen',
      messages: () => [message('13-callback-terminal-no-answer-leg1.json')],
    },
    {
      what: 'four fields',
      id: 'events',
      verdict: 'refuted',
      messages: () => [terminal({ EventType: undefined })],
    },
    {
      what: 'one event for two legs',
      id: 'legs',
      verdict: 'refuted',
      messages: () => [answered(), terminal()],
    },
    {
      what: 'one event for the one leg that was answered',
      id: 'legs',
      verdict: 'confirmed',
      messages: () => [answered(), message('11-callback-terminal-busy.json')],
    },
    {
      what: 'events of which the end is missing',
      id: 'legs',
      verdict: 'not seen',
      messages: () => [answered(), answered()],
    },
    {
      what: 'one form among JSON',
      id: 'json',
      verdict: 'refuted',
      messages: () => [
        answered(),
        message('17-callback-answered-leg1.json', {}, 'application/x-www-form-urlencoded'),
      ],
    },
    {
      what: 'an end without the custom field',
      id: 'customField',
      verdict: 'refuted',
      messages: () => [terminal({ CustomField: undefined })],
    },
    {
      what: "an end with another's",
      id: 'customField',
      verdict: 'refuted',
      messages: () => [terminal({ CustomField: 'another' })],
    },
    {
      what: 'an answered event that has it',
      id: 'customFieldOnly',
      verdict: 'refuted',
      messages: () => [answered(), answered({ CustomField: callId })],
    },
    {
      what: 'a status that nobody knows',
      id: 'words',
      verdict: 'refuted',
      messages: () => [terminal({ Status: 'evaporated' })],
    },
    {
      what: 'a leg whose status nobody knows',
      id: 'words',
      verdict: 'refuted',
      messages: () => [terminal({ Legs: [{ Status: 'completed' }, { Status: 'gone' }] })],
    },
    {
      what: 'a record with another word, before anybody answered',
      id: 'firstWord',
      verdict: 'refuted',
      messages: () => [terminal()],
      more: { first: { word: 'ringing', at: new Date(now.getTime() - 1) } },
    },
    {
      what: 'a record that was asked for after a callback came',
      id: 'firstWord',
      verdict: 'not seen',
      messages: () => [answered()],
      more: { first: { word: 'in-progress', at: now } },
    },
    {
      what: 'a search that does not find it',
      id: 'search',
      verdict: 'refuted',
      messages: () => [],
      more: { found: false },
    },
    {
      what: 'a recording at a strange host',
      id: 'recordingPlace',
      verdict: 'refuted',
      messages: () => [],
      more: { recordingPlaceKnown: false },
    },
  ] as const)
    test(`${what}: ${id} is ${verdict}`, async () => {
      expect(verdicts({ messages: await Promise.all(messages()), ...more })[id]).toBe(verdict)
    })
})

test('each code and each failure of the network has its advice', () => {
  for (const code of ['400', '401', '402', '403', '404', '429', '503', 'timeout', 'ENOTFOUND'])
    expect(adviceOn(code)).not.toBe(adviceOn('EWHATEVER'))
  expect(adviceOn('CERT_HAS_EXPIRED')).toContain('certificate')
  expect(adviceOn('constructor')).toBe(adviceOn('EWHATEVER'))
})

type Path = readonly (string | number)[]

/** Every field of a value, containers too. Of a list, the first item stands for all. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : pathsOf(value[0], [...path, 0])
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    [...path, name],
    ...pathsOf(inner, [...path, name]),
  ])
}

const labelOf = (path: Path): string => path.join('.').replaceAll('.0.', '[].')

/** A copy in which one field is gone, has another name, or a value of a kind that it never has. */
function changed(whole: object, path: Path, how: 'remove' | 'rename' | 'retype'): unknown {
  const copy: unknown = structuredClone(whole)
  const name = String(path.at(-1))
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), copy)
  const fields = Object(holder)
  const value: unknown = Reflect.get(fields, name)
  if (how === 'retype') Reflect.set(fields, name, true)
  else Reflect.deleteProperty(fields, name)
  if (how === 'rename') Reflect.set(fields, `${name}Renamed`, value)
  return copy
}

const literal = (text: string): string => text.replaceAll(/[[\].]/g, '\\$&')
