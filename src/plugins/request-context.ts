/** `caly/request-context`: an id and the client's real address for each request. */
import { everywhere } from '../hooks/everywhere.ts'
import {
  requestContext as hook,
  type RequestContextOptions,
} from '../hooks/request-context/index.ts'
import { isHarmlessId } from './request-ids.ts'

export {
  currentRequest,
  type ProxyTrust,
  type RequestContext,
  type RequestContextOptions,
  setPrincipal,
  withPeer,
} from '../hooks/request-context/index.ts'

/**
 * Gives each request an id and finds its client, on routes before and after it. An id that looks like
 * a token or a phone number is not taken over from the caller, since logs would show it.
 */
export const requestContext = (options: RequestContextOptions = {}) =>
  everywhere(hook({ acceptsId: isHarmlessId, ...options }))
