import { addressKey } from '../hooks/rate-limit/index.ts'
import { clientAddressOf } from '../hooks/request-context/index.ts'

/**
 * Whose request it is by its client's address (IPv6: its /56). Where nobody knows the address, as in
 * `app.handle()`, all are one client: an unknown one must not be an unlimited one.
 */
export const clientKey = (request: Request): string =>
  addressKey(clientAddressOf(request) ?? 'unknown')
