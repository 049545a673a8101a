/** The address at the other end of a request's socket. */
import type { Keeping } from '../keeping.ts'

/** The part of a server that knows it: Elysia's `server`, Bun's own. */
export interface AddressSource {
  requestIP(request: Request): { readonly address: string } | null
}

const peer = Symbol('caly.peer')

type Told = Keeping<typeof peer, string>

/**
 * Tells the address of a request's socket where Elysia does not listen itself, as under Deno.
 *
 * @returns the same request
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { Elysia } from 'elysia'
 * const app = new Elysia()
 *   .use(requestContext())
 *   .get('/', ({ requestContext }) => requestContext.clientAddress)
 * // Deno.serve((request, info) => app.fetch(withPeer(request, info.remoteAddr.hostname)))
 * const response = await app.fetch(withPeer(new Request('http://localhost/'), '203.0.113.7'))
 * equal(await response.text(), '203.0.113.7')
 * ```
 */
export function withPeer(request: Request, address: string): Request {
  const told: Told = request
  told[peer] = address
  return told
}

/** What is known of it. */
export const peerOf = (request: Told, server?: AddressSource | null): string | undefined =>
  request[peer] ?? server?.requestIP(request)?.address
