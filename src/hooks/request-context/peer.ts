/** The address at the other end of a request's socket. */
import { Elysia } from 'elysia'
import type { Keeping } from '../keeping.ts'

/** The part of a server that knows it: Elysia's `server`, Bun's own. */
export interface AddressSource {
  requestIP(request: Request): { readonly address: string } | null
}

const peer = Symbol('caly.peer')
const source = Symbol('caly.peer.source')

type Told = Keeping<typeof peer, string> & Keeping<typeof source, AddressSource>

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
export const peerOf = (request: Told): string | undefined =>
  request[peer] ?? request[source]?.requestIP(request)?.address

/**
 * Notes at each request which server knows its address, where Elysia listens itself. For hooks that may
 * be used alone; an app that listens by other means does without: Elysia makes a function a request
 * where any hook of an app asks for the server.
 * Stage: request.
 */
export const peerSources = () =>
  new Elysia({ name: 'caly/peer-sources' }).onRequest(({ request, server }) => {
    const told: Told = request
    if (server) told[source] = server
  })
