import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Exposition } from '#telemetry/index.ts'

/** Writes all metrics as the `Accept` header wants them. */
export type Expose = (accept: string | null) => Promise<Exposition>

/**
 * Makes what answers a scraper. Who asks for gzip gets it, at the fastest level and away from the
 * event loop: 0.3 ms for 100 KB, where better ones take twice the time for a fifth less. Scrapers who
 * were given one exposition share its compressed form too.
 */
export function expositionResponses(expose: Expose): (request: Request) => Promise<Response> {
  const compressed = new WeakMap<Exposition, Promise<Uint8Array<ArrayBuffer>>>()
  const compress = (exposition: Exposition) => {
    const known = compressed.get(exposition) ?? zip(exposition.body)
    compressed.set(exposition, known)
    return known
  }
  return async ({ headers }) => {
    const exposition = await expose(headers.get('accept'))
    const isZipped =
      exposition.body.length >= leastToZip && takesGzip(headers.get('accept-encoding'))
    return new Response(isZipped ? await compress(exposition) : exposition.body, {
      headers: {
        'content-type': exposition.contentType,
        vary: 'Accept, Accept-Encoding',
        ...(isZipped && { 'content-encoding': 'gzip' }),
      },
    })
  }
}

/** Less fits into one packet as it is. */
const leastToZip = 1024

const gzipAside = promisify(gzip)

async function zip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await gzipAside(text, { level: constants.Z_BEST_SPEED }))
}

/** Whether an `Accept-Encoding` header names gzip. Those who take anything get it as it is. */
const takesGzip = (accepted: string | null): boolean =>
  (accepted ?? '').split(',', mostCodings).some((coding) => namesGzip.test(coding))

const mostCodings = 32

/** With a weight that is not zero, if any (RFC 9110 §12.5.3). */
const namesGzip = /^\s*(?:x-)?gzip\s*(?:;\s*q=(?:1(?:\.0*)?|0?\.0*[1-9]\d*)\s*)?$/i
