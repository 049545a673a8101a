/** What the owner of an account can do about an answer (documented: error codes, authentication). */

const advice: Readonly<Record<string, string>> = {
  '400': 'Exotel takes the request for malformed',
  '401':
    'EXOTEL_API_KEY or EXOTEL_API_TOKEN is wrong, or the account is in the other region: EXOTEL_SUBDOMAIN is api.exotel.com for Singapore, api.in.exotel.com for Mumbai',
  '402': "look at the account's balance and plan",
  '403':
    "the account may not do this, or this machine's address is not on the account's list of allowed ones",
  '404': 'EXOTEL_SID is wrong, or the account is in the other region (EXOTEL_SUBDOMAIN)',
  '429': 'more was asked than the account may ask in a minute: try again in a minute',
  unreadable: 'what answers there does not speak as Exotel does: is EXOTEL_SUBDOMAIN right?',
  timeout: 'it does not answer in time: look at the network between here and there',
  reset: 'the connection breaks off: look at the network between here and there, and at proxies',
  unreachable: 'it cannot be reached: look at EXOTEL_SUBDOMAIN and the network',
  ECONNREFUSED: 'nothing listens there: look at EXOTEL_SUBDOMAIN',
  ENOTFOUND: 'there is no such host: look at EXOTEL_SUBDOMAIN',
  EAI_AGAIN: 'the name of the host cannot be looked up: look at the network',
}

/** @param trouble Exotel's code, or a word of {@linkcode ask}'s for what kept its answer away */
export function adviceOn(trouble: string): string {
  if (Object.hasOwn(advice, trouble)) return advice[trouble] ?? trouble
  if (/^5\d\d$/.test(trouble)) return 'Exotel itself fails: try again later'
  if (/CERT|ALTNAME|SELF_SIGNED|UNABLE_TO_/.test(trouble))
    return 'its certificate is not trusted: is a proxy in between?'
  return 'look at EXOTEL_SUBDOMAIN and the network'
}
