/** A provider that nobody should trust: takes calls as Exotel does, and answers whatever a test tells it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

/** An answer on the wire. */
export interface HostileAnswer {
  /** @default 200 */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: unknown
}

/** What it was asked to connect: the form's fields. */
export type Order = Readonly<Record<string, string>>

/** The provider. */
export interface HostileExotel {
  readonly url: string
  /** Variables of a service that places its calls over it. */
  readonly env: Readonly<Record<string, string>>
  /** Orders, oldest first. */
  readonly orders: readonly Order[]
  /** What each request is answered from now on. */
  answers: {
    connect: (order: Order, sid: string) => HostileAnswer
    details: (sid: string) => HostileAnswer
    recording: () => HostileAnswer
  }
  /** A Call as Exotel writes it. */
  call(sid: string, fields?: object): object
  /** An address at which recordings lie, if one believes it. */
  recordingUrl(sid: string): string
  close(): Promise<void>
}

const account = 'hostile1'

/** Starts it under the name `localhost`, so that every spelling of 127.0.0.1 is another host. */
export async function hostileExotel(): Promise<HostileExotel> {
  const orders: Order[] = []
  let url = ''
  const server = createServer((request, response) => {
    void reply(request).then((answer) => write(response, answer))
  })

  async function reply(request: IncomingMessage): Promise<HostileAnswer> {
    const path = request.url ?? ''
    const body = await text(request)
    if (!path.startsWith('/v1/')) return provider.answers.recording()
    const [, sid = ''] = /\/Calls\/([A-Za-z0-9]+)\.json/.exec(path) ?? []
    if (request.method !== 'POST')
      return sid === '' ? { body: { Calls: [] } } : provider.answers.details(sid)
    const order = Object.fromEntries(new URLSearchParams(body))
    orders.push(order)
    return provider.answers.connect(order, `sid${String(orders.length).padStart(29, '0')}`)
  }

  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const address = server.address()
  url = `http://localhost:${typeof address === 'object' && address ? address.port : 0}`
  const provider: HostileExotel = {
    url,
    orders,
    env: {
      ...{ CALY_PROVIDER: 'exotel', EXOTEL_SUBDOMAIN: url, EXOTEL_SID: account },
      ...{ EXOTEL_API_KEY: 'key-of-the-account', EXOTEL_API_TOKEN: 'token-of-the-account' },
      ...{ EXOTEL_CALLER_ID: '+918047112345', EXOTEL_RATE_LIMIT: 'off' },
      EXOTEL_WEBHOOK_SECRET: 'secret-of-a-hostile-provider',
    },
    answers: {
      connect: (_, sid) => ({ body: provider.call(sid) }),
      details: (sid) => ({ body: provider.call(sid) }),
      recording: () => ({ body: 'sound' }),
    },
    call: (sid, fields = {}) => ({ Call: { Sid: sid, Status: 'in-progress', ...fields } }),
    recordingUrl: (sid) => `${url}/exotelrecordings/${account}/${sid}.mp3`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return provider
}

function write(response: ServerResponse, { status = 200, headers = {}, body }: HostileAnswer) {
  const isText = typeof body === 'string' || body instanceof Uint8Array
  const type = isText ? {} : { 'content-type': 'application/json' }
  response.writeHead(status, { ...type, ...headers })
  response.end(isText ? body : JSON.stringify(body))
}
