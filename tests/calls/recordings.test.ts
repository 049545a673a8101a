import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import type { Recording } from '../../src/calls/provider.ts'
import { type House, openHouse, until } from './house.ts'
import { sidOf, silentProvider } from './silent-provider.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

/** Streams that were opened, and of them those that nobody has left. */
let opened = 0
let streaming = 0

/** What the provider hands out. */
let mood: 'endless' | 'short' | 'broken' = 'endless'

/** A recording that ends, or soon breaks off, whether anybody reads or not. */
const brief = () =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('sound'))
      if (mood === 'short') controller.close()
      else setTimeout(() => controller.error(new Error('It broke off')), 10)
    },
  })

/** A recording that never ends. */
function endless(): ReadableStream<Uint8Array> {
  opened += 1
  streaming += 1
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel() {
      streaming -= 1
    },
  })
}

let house: House
let other: string
beforeAll(async () => {
  const ended = new Date()
  house = await openHouse({
    reconcileAfter: 200,
    provider: silentProvider({
      async details({ id }) {
        const news = {
          ...({ authority: 'details', status: 'completed', recording: true } as const),
          ...{ startedAt: ended, answeredAt: ended, endedAt: ended, durationSeconds: 1 },
        }
        const recordingUrl = 'https://recordings.exotel.com/a.mp3'
        return [{ providerCallId: sidOf(id), news, at: ended, settled: true, recordingUrl }]
      },
      recording: async () => ({
        contentType: 'audio/mpeg',
        body: mood === 'endless' ? endless() : brief(),
      }),
    }),
  })
  other = await house.newClient('Other')
})
afterAll(() => house.close())

const sockets: Socket[] = []
const allLeft = () => until(async () => (streaming === 0 ? true : undefined))
afterEach(async () => {
  mood = 'endless'
  for (const socket of sockets.splice(0)) socket.destroy()
  await allLeft()
})

/** A call of the client that has a recording. */
async function recorded(client = house.clientId): Promise<string> {
  const json = { from: '+919999900001', to: '+919999900002', record: true }
  const response = await house.request('/api/calls', { method: 'POST', client, json })
  const { id } = (await response.json()) as { id: string }
  await until(async () => ((await house.read(id, client)).recordingAvailable ? true : undefined))
  return id
}

/** Asks for a recording, takes the head of the answer, and reads no further. */
function stalled(id: string, client = house.clientId): Promise<number> {
  const socket = connect(Number(house.base.port), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  socket.write(`GET /api/calls/${id}/recording HTTP/1.1\r\nhost: x\r\nx-client: ${client}\r\n\r\n`)
  return new Promise((resolve) => {
    socket.once('data', (head) => {
      socket.pause()
      resolve(Number(head.toString('latin1').split(' ')[1]))
    })
  })
}

const bodyText = ({ body }: Recording) =>
  body instanceof Uint8Array ? '' : new Response(body).text()

const readings = async (id: string) =>
  await house.rows(
    `select 1 from audit_logs where event_type = 'CALL_RECORDING_READ' and resource_id = $1`,
    [id],
  )

test('eight readers of one client that stall get no ninth in, and keep no other client out', async () => {
  const [own, theirs] = [await recorded(), await recorded(other)]
  const heads = await Promise.all(Array.from({ length: 8 }, () => stalled(own)))
  expect(heads).toEqual(Array.from({ length: 8 }, () => 200))
  expect(await stalled(own)).toBe(503)
  expect(await stalled(theirs, other)).toBe(200)
  for (const socket of sockets.splice(0)) socket.destroy()
  await allLeft()
  expect(await stalled(own)).toBe(200)
})

test('a recording that was read takes no place any more', async () => {
  mood = 'short'
  const [signal, { recording }] = [new AbortController().signal, house.service]
  const id = await recorded()
  for (let read = 0; read < 9; read += 1)
    expect(await (await house.request(`/api/calls/${id}/recording`)).text()).toBe('sound')
  for (let read = 0; read < 9; read += 1)
    expect(await bodyText(await recording(house.clientId, id, signal))).toBe('sound')
})

test('a recording that breaks off takes no place any more, also where nobody reads', async () => {
  mood = 'broken'
  const [signal, { recording }] = [new AbortController().signal, house.service]
  const id = await recorded()
  const open = () => recording(house.clientId, id, signal)
  for (let read = 0; read < 9; read += 1) await expect(open().then(bodyText)).rejects.toThrow()
  for (let left = 0; left < 9; left += 1) await until(() => open().then(Boolean, () => undefined))
})

test('HEAD tells that there is a recording, opens none, and leaves no event', async () => {
  const id = await recorded()
  const before = opened
  const response = await house.request(`/api/calls/${id}/recording`, { method: 'HEAD' })
  expect(response.status).toBe(200)
  expect(opened).toBe(before)
  expect(await readings(id)).toHaveLength(0)
  const theirs = { method: 'HEAD', client: other }
  expect((await house.request(`/api/calls/${id}/recording`, theirs)).status).toBe(404)
})

test('a recording whose reading the trail cannot note is not handed out, and takes no place', async () => {
  const id = await recorded()
  const { audit } = house.service.context
  const { record } = audit
  const before = opened
  Object.assign(audit, {
    record: async () => {
      throw new Error('The trail is away')
    },
  })
  try {
    for (let asked = 0; asked < 9; asked += 1)
      expect((await house.request(`/api/calls/${id}/recording`)).status).toBe(500)
  } finally {
    Object.assign(audit, { record })
    house.errors.splice(0)
  }
  expect(opened - before).toBe(9)
  await allLeft()
  expect(await stalled(id)).toBe(200)
  expect(await readings(id)).toHaveLength(1)
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
