import { createHash, timingSafeEqual } from 'node:crypto'
import type { Settings } from './options.ts'
import { isSigned } from './recording.ts'

/** Knows the credentials. */
export interface Guard {
  /** Whether an `Authorization` header holds key and token: Basic (documented). */
  admits(authorization: string | undefined): boolean
  /** Whether an address carries a signature in their place. */
  hasSigned(path: string, query: URLSearchParams): boolean
}

/** Takes as long for wrong credentials as for the right ones. */
export function guard({ apiKey, apiToken }: Pick<Settings, 'apiKey' | 'apiToken'>): Guard {
  const right = sha256(`${apiKey}:${apiToken}`)
  return {
    admits(authorization = '') {
      const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? []
      return timingSafeEqual(sha256(Buffer.from(encoded, 'base64').toString()), right)
    },
    hasSigned: (path, query) => isSigned(path, query, apiToken, Date.now()),
  }
}

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest()
