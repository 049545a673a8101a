import { Buffer } from 'node:buffer'

const traceIdDigits = 32
const spanIdDigits = 16

const random = new Uint32Array((traceIdDigits + spanIdDigits) / 8)
const bytes = Buffer.from(random.buffer)

/** The ids of a request's span, in hexadecimal digits (W3C Trace Context §3.2.2). */
export interface RequestIdentity {
  readonly traceId: string
  readonly spanId: string
}

/**
 * Draws both ids at once, from the runtime's generator as the SDK does: to write bytes out is what
 * costs. None is all zeros, which stands for no id.
 */
export function newRequestIdentity(): RequestIdentity {
  for (let index = 0; index < random.length; index++)
    random[index] = Math.floor(Math.random() * 0xffff_ffff) + 1
  const digits = bytes.toString('hex')
  return { traceId: digits.slice(0, traceIdDigits), spanId: digits.slice(traceIdDigits) }
}
