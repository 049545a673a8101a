/** The address at the other end of a request's socket. */

/** The part of a server that knows it: Elysia's `server`, Bun's own. */
export interface AddressSource {
  requestIP(request: Request): { readonly address: string } | null
}

const told = new WeakMap<Request, string>()

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
  told.set(request, address)
  return request
}

/** What is known of it. */
export const peerOf = (request: Request, server?: AddressSource | null): string | undefined =>
  told.get(request) ?? server?.requestIP(request)?.address
