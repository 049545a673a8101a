/** What a request shows to say who is asking. */

/** A credential, not yet checked. */
export type Credential =
  | { readonly kind: 'access_token' | 'api_key'; readonly value: string }
  /** Nothing, or nothing of ours (another scheme). */
  | { readonly kind: 'none' }
  /** Something that cannot be one, or two that disagree. */
  | { readonly kind: 'malformed' | 'conflicting' }

/** Longest credential that is looked at, in characters: ours are shorter than 600. */
const maxLength = 2048

/** `Bearer` in any case, one space, a b64token (RFC 6750 §2.1). */
const bearer = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i

/**
 * Reads the credential of a request: `Authorization: Bearer` with an access token or an API key,
 * or `X-API-Key` with an API key. Both may come where they say the same. A scheme that is not ours
 * counts as nothing shown.
 */
export function credentialOf(headers: Headers): Credential {
  const authorization = headers.get('authorization')
  const apiKey = headers.get('x-api-key')
  const fromBearer = authorization === null ? undefined : readBearer(authorization)
  const fromKey = apiKey === null ? undefined : readKey(apiKey)
  if (fromBearer && fromKey) {
    if ('value' in fromBearer && 'value' in fromKey && fromBearer.value === fromKey.value)
      return fromBearer
    return { kind: 'conflicting' }
  }
  return fromBearer ?? fromKey ?? { kind: 'none' }
}

function readBearer(field: string): Credential {
  const [, value] = field.length <= maxLength ? (bearer.exec(field) ?? []) : []
  if (value !== undefined)
    return { kind: value.startsWith('caly_') ? 'api_key' : 'access_token', value }
  return { kind: /^bearer\b/i.test(field) ? 'malformed' : 'none' }
}

const readKey = (field: string): Credential =>
  field.startsWith('caly_') && field.length <= maxLength
    ? { kind: 'api_key', value: field }
    : { kind: 'malformed' }
