/** Refresh tokens: 256 random bits, of which the database keeps the SHA-256 only. */
import { createHash, randomBytes } from 'node:crypto'

const day = 24 * 3_600_000

/** Milliseconds for which a refresh token may be exchanged: a session ends that is unused for so long. */
const refreshTokenLifetime = 30 * day

/**
 * Milliseconds after which a session ends, however much it is used: then the password is asked for
 * again, and a stolen token that nobody misses is worth nothing.
 */
const sessionLifetime = 90 * day

/** When a refresh token that is made now ends. */
export const refreshTokenExpiry = (now: Date, sessionStartedAt: Date): Date =>
  new Date(
    Math.min(now.getTime() + refreshTokenLifetime, sessionStartedAt.getTime() + sessionLifetime),
  )

/** Named, so that scanners and our own redaction know one where they see it. */
const pattern = /^caly_refresh_[A-Za-z0-9_-]{43}$/

/** A token as it is handed out once, and what is kept of it. */
export interface NewRefreshToken {
  readonly token: string
  readonly hash: Uint8Array
}

/** Makes a token. */
export function newRefreshToken(): NewRefreshToken {
  const token = `caly_refresh_${randomBytes(32).toString('base64url')}`
  return { token, hash: hashOf(token) }
}

/** The hash to look a token up by; undefined where it cannot be one of ours. */
export const refreshTokenHash = (token: string): Uint8Array | undefined =>
  pattern.test(token) ? hashOf(token) : undefined

const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest()
