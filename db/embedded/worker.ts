/**
 * The thread in which the embedded database lives, so that its work never holds up requests.
 * It listens on a Unix socket, and speaks with its parent in {@linkcode ToWorker} and
 * {@linkcode FromWorker}.
 */
import { PGlite } from '@electric-sql/pglite'
import { protocolServer } from './server.ts'

/** What the parent says: where to begin, and, later, to end. */
export type ToWorker =
  | { readonly type: 'open'; readonly dataFolder: string; readonly socketPath: string }
  | { readonly type: 'close' }

/** What the worker says. */
export type FromWorker =
  | { readonly type: 'listening' }
  | { readonly type: 'closed' }
  | { readonly type: 'failed'; readonly message: string }

/** The thread's global scope: the types of a browser have it, ours do not. */
declare const self: {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null
  postMessage(message: FromWorker): void
}

const say = (message: FromWorker) => self.postMessage(message)
const fail = (error: unknown) =>
  say({ type: 'failed', message: error instanceof Error ? error.message : String(error) })

let close: () => Promise<void> = async () => {}

async function open(dataFolder: string, socketPath: string): Promise<void> {
  const engine = await PGlite.create({ dataDir: dataFolder, relaxedDurability: false })
  const server = protocolServer(engine, fail)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  close = async () => {
    server.close()
    await engine.close()
  }
  say({ type: 'listening' })
}

self.onmessage = ({ data }) => {
  if (data.type === 'open') open(data.dataFolder, data.socketPath).catch(fail)
  else
    close()
      .then(() => say({ type: 'closed' }))
      .catch(fail)
}
