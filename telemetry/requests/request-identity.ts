import { Buffer } from 'node:buffer'

const traceIdBytes = 16
const spanIdBytes = 8

const random = new Uint32Array((traceIdBytes + spanIdBytes) / 4)
const bytes = Buffer.from(random.buffer)

/** The ids of a request's span, in hexadecimal digits (W3C Trace Context §3.2.2). */
export interface RequestIdentity {
  readonly traceId: string
  readonly spanId: string
}

/**
 * Draws both ids at once, from the runtime's own generator as the SDK does. None is all zeros, which
 * stands for no id.
 */
export function newRequestIdentity(): RequestIdentity {
  for (let index = 0; index < random.length; index++)
    random[index] = Math.floor(Math.random() * 0xffff_ffff) + 1
  return {
    traceId: bytes.toString('hex', 0, traceIdBytes),
    spanId: bytes.toString('hex', traceIdBytes),
  }
}
