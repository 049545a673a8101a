/** Which addresses a recording may lie at, and who may be told the account's key there. */
import { apiOrigin, type ExotelAccount, isStandIn } from './account.ts'

/**
 * Hosts and paths where recordings were seen (documented: AgentStream, v3; the list is not published
 * as complete). Only the first is Exotel's own and is told the key; the others are Amazon's.
 */
const places = [
  { host: 'recordings.exotel.com', folder: 'exotelrecordings', isExotel: true },
  { host: 's3-ap-southeast-1.amazonaws.com', folder: 'exotelrecordings', isExotel: false },
  { host: 's3-ap-south-1.amazonaws.com', folder: 'exotel-mum1-recordings', isExotel: false },
] as const

/** Where Amazon keeps what Exotel redirects to: the storage service's own names. */
const storage = /^(?:[a-z0-9-]{3,63}\.)?s3[.-][a-z0-9-]{2,30}\.amazonaws\.com$/

/** An address that a recording may be fetched from. */
export interface RecordingPlace {
  readonly url: URL
  /** Whether the account's key goes there. Never on a later hop. */
  readonly withKey: boolean
}

/**
 * Judges an address from Call Details. Public receivers hand API key and token to whatever host a
 * message names (exact hosts, paths of this account and https are what keeps ours).
 *
 * @returns undefined for what is not the address of a recording of this account
 */
export function recordingPlace(
  account: ExotelAccount,
  address: string,
): RecordingPlace | undefined {
  const url = usable(address)
  if (url === undefined) return undefined
  if (isStandIn(account)) {
    const inFolder = url.pathname.startsWith(`/exotelrecordings/${account.sid}/`)
    return url.origin === apiOrigin(account).origin && inFolder ? { url, withKey: true } : undefined
  }
  if (url.protocol !== 'https:' || url.port !== '') return undefined
  const place = places.find(
    ({ host, folder }) =>
      url.hostname === host && url.pathname.startsWith(`/${folder}/${account.sid}/`),
  )
  return place && { url, withKey: place.isExotel }
}

/** Where a redirect of such an address may lead: without the key, and to no other kind of host. */
export function redirectTarget(
  account: ExotelAccount,
  from: URL,
  location: string,
): URL | undefined {
  const url = URL.canParse(location, from.href) ? usable(new URL(location, from).href) : undefined
  if (url === undefined) return undefined
  // A stand-in runs beside its own storage.
  if (isStandIn(account)) return url.hostname === apiOrigin(account).hostname ? url : undefined
  if (url.protocol !== 'https:' || url.port !== '') return undefined
  const isKnown = places.some(({ host }) => host === url.hostname) || storage.test(url.hostname)
  return isKnown ? url : undefined
}

/** An http(s) address that holds no name and password: those hide the host from a careless eye. */
function usable(address: string): URL | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const isPlain = url?.username === '' && url.password === ''
  return isPlain && /^https?:$/.test(url.protocol) ? url : undefined
}
