/** Who comes to the webhook: the provider, or a stranger, who is shown nothing. */
import { networks } from '../hooks/request-context/index.ts'
import type { CallbackAddresses } from './callback-address.ts'

/** What a caller is taken for. Of strangers the audit trail has the word. */
export type WebhookCaller =
  | 'provider'
  | 'wrong_secret'
  /** Its secret is right, its address is none of the provider's: has the secret leaked? */
  | 'foreign_address'

/** Tells by the secret in the path, and by the client's address where anybody knows it. */
export type CallerJudge = (secret: string, address: string | undefined) => WebhookCaller

/**
 * @param addresses know the secrets
 * @param allowed addresses or CIDRs that the provider calls from (`EXOTEL_ALLOWED_ADDRESSES`);
 *   empty: any. Exotel publishes none, but tells them to who asks (documented)
 * @throws {RangeError} if an entry is neither an address nor a CIDR
 */
export function callerJudge(
  addresses: Pick<CallbackAddresses, 'isSecret'>,
  allowed: readonly string[],
): CallerJudge {
  const isListed = networks(allowed, 'allowed')
  const isAllowed = (address: string | undefined) =>
    allowed.length === 0 || (address !== undefined && isListed(address))
  return (secret, address) => {
    if (!addresses.isSecret(secret)) return 'wrong_secret'
    return isAllowed(address) ? 'provider' : 'foreign_address'
  }
}
