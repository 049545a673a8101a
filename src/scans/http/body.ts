/** Reading what was answered: bounded, unzipped, parsed. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** What an answer's body comes to. `broken` may be better next time; `page` and `huge` will not. */
export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'broken' | 'page' | 'huge' }

const unzip = promisify(gunzip)

/**
 * Reads JSON. Gzip that says so is the runtime's business; what still begins with gzip's two bytes is
 * unzipped here: caches between have been seen to hand it on without its Content-Encoding.
 *
 * @param limit bytes, unzipped: a small body may unzip to any size
 * @throws what the connection throws while it is read
 */
export async function jsonBody(response: Response, limit: number): Promise<Body> {
  const bytes = await bytesOf(response, limit)
  if (bytes === undefined) return { kind: 'huge' }
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unzipped(bytes, limit) : parsed(bytes)
}

async function bytesOf(response: Response, limit: number): Promise<Uint8Array | undefined> {
  if (response.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    // Leaving the loop cancels the stream, and with it the connection.
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

async function unzipped(bytes: Uint8Array, limit: number): Promise<Body> {
  try {
    return parsed(await unzip(bytes, { maxOutputLength: limit }))
  } catch (error) {
    const tooLarge = error instanceof RangeError
    return { kind: tooLarge ? 'huge' : 'broken' }
  }
}

function parsed(bytes: Uint8Array): Body {
  try {
    return {
      kind: 'json',
      value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
    }
  } catch {
    // 0x3c is `<`: the page of a proxy that wants somebody to sign in, or an error made for people.
    return { kind: bytes.find((byte) => byte > 0x20) === 0x3c ? 'page' : 'broken' }
  }
}
