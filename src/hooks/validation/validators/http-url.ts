import { type } from 'arktype'
import { broken, type Rule, spokenAs } from '../rule.ts'

/** Longest URL, in characters: what browsers and proxies pass on at least (RFC 9110 §4.1 asks for 8000). */
const maxLength = 2048

const rule: Rule = {
  code: 'url',
  expected: 'an absolute http(s) URL without credentials or fragment',
}

/** What the URL parser drops or turns round in silence: two readers would see two addresses. */
const ambiguous = /[\p{Cc}\p{Z}\\]/u

/**
 * An absolute `http:` or `https:` URL of at most 2048 characters, without credentials (which end
 * in logs) and without a fragment (which is not sent). It comes out normalised: the host in lower
 * case and Punycode, dot segments resolved, a default port left out.
 *
 * Where the service itself would ask the address, this is not enough: it may name this machine.
 *
 * Source: WHATWG URL; RFC 9110 §4.2.4 on credentials.
 *
 * @example What comes out is what would be asked
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(httpUrl('HTTPS://Example.com:443/a/../b'), 'https://example.com/b')
 * ```
 */
export const httpUrl = type(`string <= ${maxLength}`)
  .configure({ ...spokenAs(rule), format: 'uri' })
  .pipe((text, ctx) => normalised(text) ?? ctx.error(broken(rule)))

function normalised(text: string): string | undefined {
  // `http:example.com` and `http:///example.com` parse, too.
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1]
  if (authority === undefined || authority.includes('@')) return undefined
  if (ambiguous.test(text) || text.includes('#') || !URL.canParse(text)) return undefined
  const { href } = new URL(text)
  return href.length <= maxLength ? href : undefined
}
