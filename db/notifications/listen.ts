import { randomUUID } from 'node:crypto'
import { Connection, type ConnectionOptions } from '../pool/index.ts'
import { type ChangeSource, inTime, type OnChange, readChange, silence } from './source.ts'

/** Options of {@linkcode listenForChanges}. */
export interface ListenOptions {
  readonly connection: ConnectionOptions
  /** Sends a notification by another way: over the pool. */
  readonly notify: (channel: string, payload: string) => Promise<unknown>
  readonly onChange: OnChange
  /** Gives the attempt up. */
  readonly signal: AbortSignal
}

/** The channel that the triggers of the first tables tell on. */
const channel = 'caly_changes'

/**
 * Listens on a connection of its own (LISTEN, PostgreSQL). A committing backend wakes the listeners
 * the moment after, and the server hands over before it answers the next statement: a ping proves
 * both that the connection lives and that nothing is outstanding.
 *
 * @returns undefined where nothing would be heard: a pooler is in between, or the connection leads
 *   to another database than the pool's
 * @throws {DatabaseLayerError} if the connection cannot be made
 */
export async function listenForChanges(options: ListenOptions): Promise<ChangeSource | undefined> {
  const { onChange, notify, signal } = options
  const connection = await Connection.open(options.connection, signal)
  try {
    // A pooler gives a process number of its own, and would swallow notifications without a word.
    if (connection.pid === undefined || !(await hears(connection, notify))) {
      connection.destroy()
      return undefined
    }
  } catch (error) {
    connection.destroy()
    throw error
  }
  connection.onNotification = (payload) => {
    const [kind, id] = payload.split(' ')
    const change = readChange(kind, id)
    if (change) onChange(change)
  }
  return {
    kind: 'listening',
    interval: 250,
    async ask() {
      await inTime(connection, () => connection.run({ text: 'select 1' }))
    },
    close: () => connection.destroy(),
  }
}

/** Whether what the pool sends arrives here. Listens from now on. */
async function hears(connection: Connection, notify: ListenOptions['notify']): Promise<boolean> {
  const word = randomUUID()
  const heard = new Promise<boolean>((resolve) => {
    connection.onNotification = (payload) => {
      if (payload === word) resolve(true)
    }
  })
  await inTime(connection, () => connection.run({ text: `listen ${channel}` }))
  await notify(channel, word)
  let timer: NodeJS.Timeout | undefined
  const deaf = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), silence)
  })
  try {
    return await Promise.race([heard, deaf])
  } finally {
    clearTimeout(timer)
  }
}
