/** An account with Exotel: what requests to its API are made of. */

/** `EXOTEL_SID`, `_API_KEY`, `_API_TOKEN`, `_SUBDOMAIN` and `_CALLER_ID`. */
export interface ExotelAccount {
  readonly sid: string
  readonly apiKey: string
  readonly apiToken: string
  /** A host name of Exotel's, or a whole `http://host:port` for a stand-in. */
  readonly subdomain: string
  /** The ExoPhone that calls are placed from. */
  readonly callerId: string
}

/** The origin of an account's API. Exotel answers plain HTTP too (seen in code): never asked so. */
export const apiOrigin = ({ subdomain }: Pick<ExotelAccount, 'subdomain'>): URL =>
  new URL(isStandIn({ subdomain }) ? subdomain : `https://${subdomain}`)

/** Whether another program stands in for Exotel. */
export const isStandIn = ({ subdomain }: Pick<ExotelAccount, 'subdomain'>): boolean =>
  /^https?:\/\//.test(subdomain)

/** The header that proves who asks. In the URL, as Exotel's pages write it, it would leak. */
export const authorization = ({
  apiKey,
  apiToken,
}: Pick<ExotelAccount, 'apiKey' | 'apiToken'>): string =>
  `Basic ${Buffer.from(`${apiKey}:${apiToken}`).toString('base64')}`
