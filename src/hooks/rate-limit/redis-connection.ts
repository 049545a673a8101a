import { createHash } from 'node:crypto'
import { gcraScript } from './redis-script.ts'

/** One connection to Redis that runs the script, until it fails once. */
export interface RedisConnection {
  /**
   * Runs the script on a key.
   *
   * @param args microseconds
   * @returns the script's answer
   * @throws whatever went wrong; the connection is of no more use then
   */
  run(key: string, args: readonly [burst: number, charge: number]): Promise<readonly number[]>
  /** Closes it. What runs is rejected at once. */
  close(): void
}

/** Commands waiting for an answer at most; more are refused at once. */
const maxWaiting = 10_000

/**
 * Connects, and tries the script.
 *
 * @param url `redis:` or `rediss:`
 * @param timeout milliseconds until it must be ready
 * @param onClosed hears once that the connection is gone
 * @throws if Redis cannot be reached, does not answer, or lets nobody in
 */
export async function connectRedis(
  url: string,
  timeout: number,
  onClosed: (cause: unknown) => void,
): Promise<RedisConnection> {
  // On need: a service without Redis would load all of its commands at every start.
  const { createClient } = await import('@redis/client')
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxWaiting,
    socket: { connectTimeout: timeout, reconnectStrategy: false },
  })
  const close = () => {
    if (client.isOpen) client.destroy()
  }
  client.on('error', onClosed)
  client.on('end', () => onClosed(new Error('Redis closed the connection')))
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time')), timeout)
  })
  // Run once, on a key of its own: a Redis that is full or only read from loads scripts all the same.
  const probe = { keys: ['caly:limit:probe'], arguments: ['1', '1'] }
  const ready = client.connect().then(() => client.eval(gcraScript, probe))
  try {
    await Promise.race([ready, late])
  } catch (cause) {
    ready.catch(() => undefined)
    close()
    throw cause
  } finally {
    clearTimeout(timer)
  }

  const sha = createHash('sha1').update(gcraScript).digest('hex')
  return {
    async run(key, args) {
      const options = { keys: [key], arguments: args.map(String) }
      const answer = await client.evalSha(sha, options).catch((cause: unknown) => {
        // SCRIPT FLUSH, or a replica that became the primary.
        if (cause instanceof Error && cause.message.startsWith('NOSCRIPT'))
          return client.eval(gcraScript, options)
        throw cause
      })
      if (!Array.isArray(answer)) throw new Error('Redis answered what the script never does')
      return answer.map(Number)
    },
    close,
  }
}
