import { createServer, type Server, type Socket } from 'node:net'
import { farewell, ReadyWatcher, type Unit, UnitReader } from './wire.ts'

/** What executes protocol messages: PGlite. */
export interface Engine {
  execProtocolRawStream(
    message: Uint8Array,
    options: { onRawData: (data: Uint8Array) => void },
  ): Promise<void>
}

interface Client {
  readonly socket: Socket
  readonly prepared: Set<string>
  gone: boolean
}

interface Job {
  readonly client: Client
  readonly unit: Unit
}

/**
 * Serves one engine, which has one session, to many sockets. A client has the session to itself
 * from its first message to the ReadyForQuery outside of a transaction: without that, one client's
 * unnamed statement or portal would be executed by another (so it is with pglite-socket 0.2, which
 * takes turns after each message).
 *
 * @param onFailure called once if the engine breaks; it serves nothing afterwards
 */
export function protocolServer(engine: Engine, onFailure: (error: unknown) => void): Server {
  const queue: Job[] = []
  let owner: Client | undefined
  let working = false
  let failed = false

  async function work(): Promise<void> {
    if (working || failed) return
    working = true
    for (let job = next(); job !== undefined; job = next()) await execute(job)
    working = false
  }

  function next(): Job | undefined {
    const position = owner === undefined ? 0 : queue.findIndex(({ client }) => client === owner)
    return position < 0 ? undefined : queue.splice(position, 1)[0]
  }

  async function execute({ client, unit }: Job): Promise<void> {
    const ready = new ReadyWatcher()
    await engine.execProtocolRawStream(unit.bytes, {
      onRawData(data) {
        ready.see(data)
        // A copy: the engine's memory is used again at once.
        if (!client.gone && client.socket.writable) client.socket.write(Buffer.from(data))
      },
    })
    owner = ready.isIdle ? undefined : client
  }

  function fail(error: unknown): void {
    if (failed) return
    failed = true
    onFailure(error)
  }

  function enqueue(client: Client, unit: Unit): void {
    for (const name of unit.prepares) client.prepared.add(name)
    queue.push({ client, unit })
    work().catch(fail)
  }

  function leave(client: Client): void {
    if (client.gone) return
    client.gone = true
    for (let i = queue.length - 1; i >= 0; i--) if (queue[i]?.client === client) queue.splice(i, 1)
    enqueue(client, { bytes: farewell(client.prepared), prepares: [] })
  }

  return createServer((socket) => {
    const client: Client = { socket, prepared: new Set(), gone: false }
    const reader = new UnitReader()
    socket.on('data', (chunk: Buffer) => {
      for (const incoming of reader.read(chunk))
        if (incoming === 'encryption') socket.write('N')
        else if (incoming === 'end') socket.end()
        else enqueue(client, incoming)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => leave(client))
  })
}
