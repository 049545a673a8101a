/** What users and providers hold of a service, and how each of it must outlive a rotation. */
import { expect } from 'bun:test'
import { createKeyring } from '../../db/keyring.ts'
import { callbackAddresses } from '../../src/calls/callback-address.ts'
import { type Client, clientOf } from '../support/client.ts'
import { type Caly, eventually } from '../support/process.ts'

/** Made before a rotation, and used during and after it. */
export type Traces = Awaited<ReturnType<typeof leaveTraces>>

/** Every call so far goes to this number. */
const number = '+919876500010'
const newCall = { from: '+912233445566', to: number, customField: 'order 4711' }

/** Does what users do: log in, make a key, place calls, take notes, read a page. */
export async function leaveTraces(caly: Caly, encryptionKeys: readonly string[]) {
  const { body: session } = await clientOf(caly)('POST', '/api/auth/login', caly.admin)
  const user = clientOf(caly, session.accessToken)
  const { body: key } = await user('POST', '/api/keys', {
    name: 'rotated',
    scopes: ['calls:read', 'calls:write'],
  })
  const idempotency = { 'idempotency-key': 'before the rotation'.replaceAll(' ', '-') }
  const { body: first } = await user('POST', '/api/calls', newCall, idempotency)
  const { body: second } = await user('POST', '/api/calls', newCall)
  await user('PATCH', `/api/calls/${first.id}`, { notes: 'asked for Anna' })
  const { body: page } = await user('POST', '/api/calls/search', { number, limit: 1 })
  const { body: placed } = await eventually(
    () => user('GET', `/api/calls/${first.id}`),
    ({ body }) => body.providerCallId !== null,
  )
  return {
    accessToken: session.accessToken as string,
    refreshToken: session.refreshToken as string,
    apiKey: key.key as string,
    idempotency,
    first: placed,
    /** Found by the number, newest first. */
    ids: [second.id, first.id] as string[],
    cursor: page.nextCursor as string,
    callback: callbackAddressOf(first.id, encryptionKeys),
  }
}

/** Where the provider was told to report about a call. */
export function callbackAddressOf(callId: string, encryptionKeys: readonly string[]): string {
  const publicUrl = new URL('http://localhost')
  const url = new URL(
    callbackAddresses({ keyring: createKeyring(encryptionKeys), publicUrl }).urlFor(callId),
  )
  return url.pathname + url.search
}

/** Everything that is kept, whichever key made it, works at this service; a new call joins it. */
export async function expectKept(caly: Caly, traces: Traces): Promise<void> {
  const machine = clientOf(caly, traces.apiKey)
  const { body: read } = await machine('GET', `/api/calls/${traces.first.id}`)
  expect(read).toMatchObject({ ...newCall, notes: 'asked for Anna' })
  expect(await found(machine)).toEqual(traces.ids)

  const replay = await machine('POST', '/api/calls', newCall, traces.idempotency)
  expect(replay.headers.get('idempotent-replayed')).toBe('true')
  expect(replay.body.id).toBe(traces.first.id)
  const other = { ...newCall, customField: 'order 4712' }
  const mismatch = await machine('POST', '/api/calls', other, traces.idempotency)
  expect(mismatch.body.code).toBe('IDEMPOTENCY_MISMATCH')

  const { status, body: made } = await machine('POST', '/api/calls', newCall)
  expect(status).toBe(202)
  traces.ids.unshift(made.id)
  expect(await found(machine)).toEqual(traces.ids)
}

/** What is good only as long as the key that made it is live: a token, a cursor, an address. */
export async function expectLive(caly: Caly, traces: Traces, callbacks: number): Promise<void> {
  const user = clientOf(caly, traces.accessToken)
  expect((await user('GET', '/api/auth/me')).status).toBe(200)
  const page = { number, limit: 1, cursor: traces.cursor }
  const next = await user('POST', '/api/calls/search', page)
  expect(next.body.items?.map(({ id }: { id: string }) => id)).toEqual([traces.first.id])

  // A new message is applied, and the first one, told again, is known.
  for (const minute of [0, callbacks])
    expect((await clientOf(caly)('POST', traces.callback, message(traces, minute))).status).toBe(
      200,
    )
  const { body } = await eventually(
    () => user('GET', `/api/calls/${traces.first.id}`),
    ({ body: { events } }) => told(events) >= callbacks + 1,
  )
  expect(told(body.events)).toBe(callbacks + 1)
}

const found = async (client: Client): Promise<string[]> => {
  const { body } = await client('POST', '/api/calls/search', { number, limit: 100 })
  return body.items.map(({ id }: { id: string }) => id)
}

const told = (events: { readonly source: string }[]): number =>
  events.filter(({ source }) => source === 'callback').length

const message = ({ first }: Pick<Traces, 'first'>, minute: number) => ({
  CallSid: first.providerCallId,
  EventType: 'answered',
  Status: 'in-progress',
  DateUpdated: `2026-01-15 14:${String(minute).padStart(2, '0')}:00`,
  Legs: [{ Status: 'in-progress' }, { Status: '' }],
})
