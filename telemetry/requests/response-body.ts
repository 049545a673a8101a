/** Answers that are sent piece by piece: which they are, and when their last byte has gone. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { Buffer } from 'node:buffer'

/** How the sending of a streamed body ended. */
export interface BodyEnd {
  /** Bytes that were handed to the runtime. */
  readonly bytes: number
  /** With the last byte, by a client that went away, or where the body comes from. */
  readonly outcome: 'sent' | 'left' | 'failed'
  /** What the source failed with. */
  readonly failure?: unknown
}

/** Written in one piece: half of it would be of no use to anybody. */
const inOnePiece =
  /^(?:application\/(?:(?:[\w.-]+\+)?json|openmetrics-text)|text\/(?:plain|html|css|javascript))\b/

/**
 * Whether an answer is to be followed to its end. To ask for its body is what costs, so its headers
 * are asked first: whoever streams says of what type, or is marked as `chunked` by Elysia.
 */
export function isStreamed(answer: Response): boolean {
  const type = answer.headers.get('content-type')
  const isPlain = type === null || inOnePiece.test(type)
  if (isPlain && answer.headers.get('transfer-encoding') !== 'chunked') return false
  return answer.body !== null
}

/** Bytes that headers announce a body to have; none where that is no plain number. */
export function announcedLength(headers: Headers): number | undefined {
  const length = headers.get('content-length')
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

/**
 * The same answer, whose body tells when it is over. Nothing is read ahead: a piece is fetched when
 * the runtime asks for one, in the async context of this call: by itself, a source runs in that of
 * whoever reads, which under Deno is the server's. Where the source breaks off while nobody reads,
 * so does this.
 *
 * @param signal aborts when the client leaves: a body that waits for its source is not always
 *   cancelled then
 * @param onEnd called once, in that context too
 */
export function followed(
  answer: Response,
  signal: AbortSignal,
  onEnd: (end: BodyEnd) => void,
): Response {
  const { body, status, statusText, headers } = answer
  const inside = AsyncLocalStorage.snapshot()
  if (body === null) throw new TypeError('Only a body can be followed')
  let bytes = 0
  let ended = false
  const end = (outcome: BodyEnd['outcome'], failure?: unknown) => {
    if (ended) return
    ended = true
    signal.removeEventListener('abort', leave)
    inside(onEnd, { bytes, outcome, failure })
  }
  const leave = () => end('left')
  // A source that is stopped because its client has gone fails, too.
  const fail = (error: unknown) => end(signal.aborted ? 'left' : 'failed', error)
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })

  const reader = (body as ReadableStream<Uint8Array | string>).getReader()
  const pieces = new ReadableStream<Uint8Array | string>(
    {
      start(controller) {
        reader.closed.catch((error: unknown) => {
          fail(error)
          controller.error(error)
        })
      },
      async pull(controller) {
        const { done, value } = await inside(() => reader.read())
        if (done) {
          controller.close()
          end('sent')
        } else {
          bytes += typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength
          controller.enqueue(value)
        }
      },
      cancel(reason) {
        leave()
        return inside(() => reader.cancel(reason))
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(pieces as ReadableStream<Uint8Array<ArrayBuffer>>, {
    status,
    statusText,
    headers,
  })
}
