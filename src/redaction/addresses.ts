/** Secrets within addresses: users and passwords in URLs, webhook paths, e-mail addresses. */

const urls = /[a-z][a-z0-9+.-]{1,30}:\/\/[^\s"'<>`]+/gi

/** Takes user and password out of the URLs in a text: connection strings, too. */
export function redactUrls(text: string): string {
  return text.replace(urls, (url) => {
    const start = url.indexOf('://') + 3
    const length = url.slice(start).search(/[/?#]/)
    const authority = length < 0 ? url.slice(start) : url.slice(start, start + length)
    let at = start + authority.lastIndexOf('@')
    // An unencoded slash or at sign in a password. Web pages have at signs in their paths, too.
    const looksCut = at < start && /:(?!\d{1,5}$)/.test(authority)
    if (looksCut || !/^https?:/i.test(url)) at = url.lastIndexOf('@')
    return at < start ? url : `${url.slice(0, start)}[redacted]${url.slice(at)}`
  })
}

/** The provider's secret is the last part of its webhook's path; `:secret` is the route's template. */
const webhookPath = /(\/webhooks?\/[\w-]{1,64}\/)(?!:|\[)[^\s"'?#/&]+/gi

/** Takes the secrets out of webhook paths. */
export const redactWebhooks = (text: string): string => text.replace(webhookPath, '$1[redacted]')

const localCharacter = /[\p{L}\p{N}.!#$%&'*+/=?^_{|}~-]/u
const localLimit = 64
const domain = /[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252})\.\p{L}{2,24}/uy

/** As it is, percent-encoded (more than once, too), or as HTML writes it. */
const atSigns = /@|%(?:25){0,3}40|&#(?:64|x40);/gi

/** Takes e-mail addresses out of a text. */
export function redactEmails(text: string): string {
  let result = ''
  let done = 0
  for (const { 0: sign, index } of text.matchAll(atSigns)) {
    domain.lastIndex = index + sign.length
    let start = index
    while (
      start > done &&
      index - start < localLimit &&
      localCharacter.test(text.charAt(start - 1))
    )
      start--
    // A query's `email=` is no part of it, nor is what stands before an encoded delimiter.
    const local = text.slice(start, index)
    start += Math.max(local.lastIndexOf('='), local.lastIndexOf('&'), local.lastIndexOf('/')) + 1
    if (start === index || !domain.test(text)) continue
    result += `${text.slice(done, start)}[redacted:email]`
    done = domain.lastIndex
  }
  return done === 0 ? text : result + text.slice(done)
}
