/** Ways in which a registry fails, each on the wire. */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/**
 * What goes wrong. `status`: an error, with JSON. `hang`: no answer. `stall`: half an answer, then
 * nothing. `error`: 200 and `{error}`. `array`: 200 and a list. `html`: 200 and a page. `bad-gzip`: what says it
 * is gzip and is not. `bare-gzip`: gzip that does not say so. `redirect`: elsewhere. `truncated`: half an
 * answer, then the connection closes. `reset`: the connection closes at once. `slow`: the right answer, late.
 * `huge`: more than anybody should read. `empty`: 200 and nothing.
 */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: 301 | 302 | 307 | 308 }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  | { readonly kind: 'huge'; readonly bytes: number }
  | {
      readonly kind:
        | 'hang'
        | 'stall'
        | 'error'
        | 'array'
        | 'html'
        | 'bad-gzip'
        | 'bare-gzip'
        | 'truncated'
        | 'reset'
        | 'empty'
    }

/** A fault in a test's name: `a 503`, `“hang”`. */
export const faultName = (fault: Fault): string =>
  fault.kind === 'status' ? `a ${fault.status}` : `“${fault.kind}”`

/** Answers as it should, or as a fault has it. @param body what the answer would have been */
export function answerWith(
  response: ServerResponse,
  fault: Fault | undefined,
  body: unknown,
): void {
  const text = JSON.stringify(body)
  if (fault?.kind === 'reset') response.destroy()
  else if (fault?.kind === 'stall') half(response, text, () => undefined)
  else if (fault?.kind === 'truncated') half(response, text, () => response.destroy())
  else if (fault?.kind === 'slow') setTimeout(() => send(response, text), fault.milliseconds)
  else if (fault?.kind !== 'hang') send(response, ...reply(fault, text))
}

type Reply = [
  body: string | Uint8Array,
  status?: number,
  headers?: Readonly<Record<string, string>>,
]

function reply(
  fault: Exclude<Fault, { kind: 'reset' | 'stall' | 'truncated' | 'slow' | 'hang' }> | undefined,
  text: string,
): Reply {
  switch (fault?.kind) {
    case 'status': {
      const headers = { ...(fault.retryAfter && { 'retry-after': fault.retryAfter }) }
      return ['{"error":"made up"}', fault.status, headers]
    }
    case 'redirect':
      return ['{}', fault.status ?? 302, { location: fault.to }]
    case 'bare-gzip':
      return [gzipSync(text)]
    case 'bad-gzip':
      return [text, 200, { 'content-encoding': 'gzip' }]
    case 'html':
      return ['<!doctype html><title>Sign in</title>', 200, { 'content-type': 'text/html' }]
    case 'error':
      return ['{"error":"made up"}']
    case 'array':
      return ['[]']
    case 'empty':
      return ['']
    case 'huge':
      return [`{"padding":"${'x'.repeat(fault.bytes)}"}`]
  }
  return [text]
}

/** Answers. @param status 200 by default */
export function send(response: ServerResponse, ...[body, status = 200, headers = {}]: Reply): void {
  const length = String(Buffer.byteLength(body))
  const type = 'application/json'
  response.writeHead(status, { 'content-length': length, 'content-type': type, ...headers })
  response.end(body)
}

function half(response: ServerResponse, text: string, then: () => void): void {
  const bytes = Buffer.from(text)
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(bytes.length + 1),
  })
  // Whole JSON may fit in what was sent: the length says that something is missing all the same.
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => setTimeout(then, 20))
}
