import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { v4 as uuidv4, validate } from 'uuid'
import type { DerivedKey, Keyring } from '#db/keyring.ts'

/** Seconds for which an access token is good. */
export const accessTokenLifetime = 15 * 60

const [issuer, audience, algorithm, tokenType] = ['caly', 'caly/api', 'HS256', 'at+jwt']

/** What an access token says. */
export interface AccessClaims {
  readonly userId: string
  readonly clientId: string
  /** The login: the family of refresh tokens. */
  readonly sessionId: string
  /** The user's `session_epoch` at issue. */
  readonly epoch: number
}

/** Issues and reads access tokens. */
export interface AccessTokens {
  issue(claims: AccessClaims): Promise<string>
  /**
   * Reads a token; says nothing of whether its user and session are still welcome.
   *
   * @returns `expired` for a token of ours that is too old, `invalid` for any other fault
   */
  verify(token: string): Promise<AccessClaims | 'expired' | 'invalid'>
}

/** What access tokens need. */
export interface AccessTokenOptions {
  readonly keyring: Pick<Keyring, 'keys'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Access tokens: JWT (RFC 9068) signed with HS256 by a key derived from `ENCRYPTION_KEY`. The
 * algorithm is pinned, `kid` names the key, and after a rotation older keys still verify.
 */
export function accessTokens({ keyring, now }: AccessTokenOptions): AccessTokens {
  const imported = keyImporter()
  return {
    async issue({ userId, clientId, sessionId, epoch }) {
      const [current] = keyring.keys('access-token')
      const issuedAt = Math.floor(now() / 1000)
      return new SignJWT({ cid: clientId, sid: sessionId, epoch })
        .setProtectedHeader({ alg: algorithm, kid: current.id, typ: tokenType })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessTokenLifetime)
        .setJti(uuidv4())
        .sign(await imported(current))
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid }) => {
            const key = keyring.keys('access-token').find(({ id }) => id === kid)
            if (key === undefined) throw new errors.JWKSNoMatchingKey()
            return imported(key)
          },
          {
            algorithms: [algorithm],
            typ: tokenType,
            issuer,
            audience,
            requiredClaims: ['sub', 'iat', 'exp', 'jti', 'cid', 'sid', 'epoch'],
            currentDate: new Date(now()),
          },
        )
        return claimsOf(payload)
      } catch (error) {
        // jose checks the signature first: only a token of ours is called expired.
        if (error instanceof errors.JWTExpired) return 'expired'
        if (error instanceof errors.JOSEError) return 'invalid'
        throw error
      }
    },
  }
}

/** jose would import raw bytes anew for each token. As many entries as there are keys. */
function keyImporter(): (key: DerivedKey) => Promise<CryptoKey> {
  const imported = new Map<string, Promise<CryptoKey>>()
  return ({ id, key }) => {
    const known = imported.get(id)
    if (known) return known
    const made = crypto.subtle.importKey(
      'raw',
      new Uint8Array(key),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign', 'verify'],
    )
    imported.set(id, made)
    return made
  }
}

/** Reads what we ourselves signed: another shape is a token of another version. */
function claimsOf({ sub, cid, sid, epoch }: JWTPayload): AccessClaims | 'invalid' {
  return isId(sub) && isId(cid) && isId(sid) && typeof epoch === 'number'
    ? { userId: sub, clientId: cid, sessionId: sid, epoch }
    : 'invalid'
}

const isId = (value: unknown): value is string => validate(value)
