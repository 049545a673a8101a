/** What a request's span says: OpenTelemetry's HTTP server conventions, as far as that is safe. */
import type { Attributes } from '@opentelemetry/api'
import type { RequestDescription } from './request-description.ts'

/** What of a finished request is its own. */
export interface RequestFacts {
  readonly errorType: string | undefined
  /** The client went away before the whole answer was sent. */
  readonly aborted: boolean
  readonly known: RequestDescription
}

const originalMethodLimit = 32

/**
 * The attributes of a request's span beside those that it shares with others. Left out on purpose: the
 * query and the path's own text (the template stands for it), headers, and `network.protocol.version`,
 * which Bun does not tell.
 *
 * @param method undefined where it is a known one
 */
export function ownAttributes(
  method: string | undefined,
  { errorType, aborted, known }: RequestFacts,
): Attributes {
  const attributes: Attributes = {}
  if (method !== undefined)
    attributes['http.request.method_original'] = method.slice(0, originalMethodLimit)
  if (errorType !== undefined) attributes['error.type'] = errorType
  if (aborted) attributes['caly.request.aborted'] = true
  if (known.clientAddress !== undefined) attributes['client.address'] = known.clientAddress
  if (known.userAgent !== undefined) attributes['user_agent.original'] = known.userAgent
  if (known.requestId !== undefined) attributes['caly.request.id'] = known.requestId
  if (known.clientId !== undefined) attributes['caly.client.id'] = known.clientId
  return attributes
}

/** Who was asked, by the URL. */
export interface NamedServer {
  readonly address: string
  /** Undefined where the URL names none. */
  readonly port: number | undefined
}

/** The host, by name or as IPv6 in brackets, and the port, of a URL up to its path. */
const authority = /^https?:\/\/([\w.-]{1,255}|\[[\da-f:.]{2,45}\])(?::(\d{1,5}))?$/i

/** A service has few hosts, and what else is asked for is a stranger's. */
const serversLimit = 100

/**
 * Makes the function that tells the server that a URL names, where it may be shown: some routes answer
 * on any host (probes come by address), and a name that somebody made up can hold a number or a token.
 * For spans alone: the `Host` header would give a metric as many series as a client likes.
 */
export function shownServers(
  redact: (text: string) => string,
): (url: string) => NamedServer | undefined {
  const shown = new Map<string, NamedServer>()
  let lastOrigin = ''
  let lastServer: NamedServer | undefined
  return (url) => {
    const end = url.indexOf('/', url.indexOf('://') + 3)
    // Nearly always the one before: then nothing is taken out of the URL.
    if (end === lastOrigin.length && url.startsWith(lastOrigin)) return lastServer
    const origin = end === -1 ? url : url.slice(0, end)
    const server = shown.get(origin) ?? read(origin)
    if (server !== undefined) {
      lastOrigin = origin
      lastServer = server
    }
    return server
  }

  function read(origin: string): NamedServer | undefined {
    const [, host, port] = authority.exec(origin) ?? []
    if (host === undefined || redact(host) !== host) return undefined
    const server = {
      address: host.startsWith('[') ? host.slice(1, -1) : host,
      port: port === undefined ? undefined : Number(port),
    }
    if (shown.size < serversLimit) shown.set(origin, server)
    return server
  }
}
