/** A simulator on a port of its own, and somebody who is called back. */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { type RawMessage, readMessage } from '../../src/calls/exotel/message.ts'
import {
  type ExotelSimulatorOptions,
  exotelSimulator,
  type SimulatorEvent,
} from '../../src/exotel-simulator/index.ts'
import { until } from '../calls/house.ts'

/** A message that came in. */
export interface Heard {
  readonly method: string
  /** With the query. */
  readonly url: string
  readonly contentType: string
  readonly body: string
}

/** Options of {@linkcode openSimulator}. */
export interface HouseOptions extends ExotelSimulatorOptions {
  /** The status of each answer to a message. 0 cuts the connection, -1 keeps it. @default 200 */
  readonly answer?: (heard: Heard, earlier: number) => number
  /** Whether calls that Caly did not place are reported to the receiver. @default true */
  readonly reported?: boolean
}

/** A simulator with its receiver. */
export type House = Awaited<ReturnType<typeof openSimulator>>

export async function openSimulator(house: HouseOptions = {}) {
  const { answer = () => 200, reported = true, ...options } = house
  const heard: Heard[] = []
  const receiver = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      const message = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        contentType: incoming.headers['content-type'] ?? '',
        body,
      }
      const status = answer(message, heard.length)
      heard.push(message)
      if (status === 0) incoming.socket.destroy()
      else if (status > 0) outgoing.writeHead(status, { location: '/elsewhere' }).end('OK')
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const receiverUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const events: SimulatorEvent[] = []
  const simulator = await exotelSimulator({
    step: 20,
    ...(reported && { passthru: `${receiverUrl}/api/webhooks/exotel/${secret}` }),
    onEvent: (event) => events.push(event),
    ...options,
  })
  const credentials = `Basic ${btoa(`${simulator.apiKey}:${simulator.apiToken}`)}`

  /** A request with the right credentials. */
  const ask = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('authorization')) headers.set('authorization', credentials)
    return fetch(new URL(path, simulator.url), { redirect: 'manual', ...init, headers })
  }
  const account = `/v1/Accounts/${simulator.sid}`
  const callback = `${receiverUrl}/api/webhooks/exotel/${secret}?call=x&sig=y`
  const fields = (more: Fields = {}) => ({
    ...{ From: agent, To: customer, CallerId: exoPhone, CallType: 'trans', TimeLimit: '3600' },
    ...{ TimeOut: '40', Record: 'true', RecordingChannels: 'dual', RecordingFormat: 'mp3' },
    ...{ CustomField: customField, StatusCallback: callback },
    ...{ 'StatusCallbackEvents[0]': 'terminal', 'StatusCallbackEvents[1]': 'answered' },
    StatusCallbackContentType: 'application/json',
    ...more,
  })

  return {
    ...{ simulator, events, heard, ask, account, callback, receiverUrl, fields },

    /** Asks to place a call: as Caly would, but for some fields. Undefined leaves one out. */
    connect(more: Fields = {}, path = `${account}/Calls/connect.json`) {
      const given = Object.entries(fields(more)).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, value]],
      )
      return ask(path, { method: 'POST', body: new URLSearchParams(given) })
    },

    /** Places one, and gives its Sid. */
    async place(more: Fields = {}): Promise<string> {
      return sidOf(await (await this.connect(more)).json())
    },

    /** The messages, once all were sent. */
    async messages(): Promise<readonly Heard[]> {
      await simulator.settled()
      return heard
    },

    async json(path: string): Promise<unknown> {
      return (await ask(path)).json()
    },

    /** Call Details, once they are settled. */
    settledDetails: (sid: string) =>
      until(async () => {
        const details = await (await ask(`${account}/Calls/${sid}.json?details=true`)).json()
        return value(details, 'Call', 'Price') === null ? undefined : details
      }),

    async close() {
      await simulator.close()
      receiver.closeAllConnections()
      await new Promise<void>((resolve) => receiver.close(() => resolve()))
    },
  }
}

type Fields = Readonly<Record<string, string | undefined>>

export const secret = 'secret-of-the-receiver'
export const agent = '+919999900001'
export const customer = '+919999900007'
export const exoPhone = '+919999900010'
export const customField = '0190aaaa-0000-7000-8000-000000000101'

/** What stands somewhere in a body. */
export function value(body: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    body,
  )
}

export const sidOf = (body: unknown): string => String(value(body, 'Call', 'Sid'))

/** A message as the real receiver reads it. */
export const understood = ({ method, url, contentType, body }: Heard) =>
  readMessage({
    ...{ method, contentType, query: url.split('?')[1] ?? '' },
    body: new TextEncoder().encode(body),
  } satisfies RawMessage)
