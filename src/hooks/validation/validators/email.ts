import { type } from 'arktype'
import { type Rule, spokenAs } from '../rule.ts'

/** Longest address, and longest part before the at sign (RFC 5321 §4.5.3.1). */
const maxLength = 254
const maxLocalLength = 64

const rule: Rule = {
  code: 'email',
  expected: 'an e-mail address such as ada@example.com',
}

/** What people have: no quotes and no comments, which RFC 5322 knows and nobody writes. */
const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/

/** A label of a host name (RFC 1123 §2.1). */
const label = /^[A-Za-z\d](?:[A-Za-z\d-]{0,61}[A-Za-z\d])?$/

/**
 * An e-mail address: `local@host.tld` in ASCII, the host with at least two labels. It comes out as it
 * is written, without the space around it, which comes along when it is pasted. Whether it can be
 * written to, only a message tells.
 *
 * Source: RFC 5321 §4.5.3.1 for the lengths, RFC 1123 §2.1 for the host, the WHATWG's
 * `input type=email` for the part before the at sign, without its dots at either end.
 *
 * @example An address with a tag is one, two at signs are none, and space around it is taken off
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(email.allows('ada+calls@example.com'), true)
 * equal(email.allows('ada@home@example.com'), false)
 * equal(email(' ada@example.com'), 'ada@example.com')
 * ```
 */
export const email = type(`string <= ${maxLength}`)
  .narrow((text) => isEmail(text.trim()))
  .configure({ ...spokenAs(rule), format: 'email' })
  .pipe((text) => text.trim())

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, Math.max(at, 0))
  const labels = text.slice(at + 1).split('.')
  const top = labels.at(-1) ?? ''
  return (
    local.length <= maxLocalLength &&
    localPart.test(local) &&
    labels.length >= 2 &&
    labels.every((each) => label.test(each)) &&
    // No top-level domain is a number: 127.0.0.1 is no host for mail (RFC 3696 §2).
    /[A-Za-z]/.test(top) &&
    top.length >= 2
  )
}
