/** What a simulated recording sounds like, and the signature that opens it without credentials. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Half a second of silence: MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono. */
export function silence(): Uint8Array {
  // Bytes of a frame: 144 × 32,000 / 44,100. All zero but its head, it decodes to nothing heard.
  const length = 104
  const frames = 20
  const bytes = new Uint8Array(frames * length)
  for (let frame = 0; frame < frames; frame += 1)
    bytes.set([0xff, 0xfb, 0x10, 0xc0], frame * length)
  return bytes
}

/** Seconds for which a signed address is good (documented: 5 to 60 minutes, 5 by default). */
const validity = 300

/** A signed address of a recording, as a store's for files has them (shape: sample 50). */
export function signed(address: string, secret: string, now: number): string {
  const url = new URL(address)
  const since = String(Math.floor(now / 1000))
  url.searchParams.set('X-Amz-Date', since)
  url.searchParams.set('X-Amz-Expires', String(validity))
  url.searchParams.set('X-Amz-Signature', signature(url.pathname, since, secret))
  return url.href
}

/** Whether an address is signed, and still good. */
export function isSigned(
  path: string,
  query: URLSearchParams,
  secret: string,
  now: number,
): boolean {
  const since = query.get('X-Amz-Date') ?? ''
  const given = Buffer.from(query.get('X-Amz-Signature') ?? '')
  const right = Buffer.from(signature(path, since, secret))
  if (given.byteLength !== right.byteLength || !timingSafeEqual(given, right)) return false
  return now < (Number(since) + validity) * 1000
}

const signature = (path: string, since: string, secret: string): string =>
  createHmac('sha256', secret).update(`${path}\n${since}\n${validity}`).digest('hex')
