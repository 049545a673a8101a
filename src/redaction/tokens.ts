/** Credentials that are known by their form alone. */

/** A run of the characters that tokens are made of: linear to find, then judged in code. */
const runs = /[A-Za-z0-9_.-]{16,}/g

/** Ours without the secret part is a name, and shown: `caly_live_` and 22 digits. */
const ours = /caly_(?:live_[0-9A-Za-z]{1,22}_\w|live_[0-9A-Za-z]{23}|refresh_)/

/** What other services' credentials begin with. */
const foreign =
  /(?:^|[^A-Za-z0-9])(?:sk_live_|sk_test_|rk_live_|gh[pousr]_|github_pat_|glpat-|npm_|xox[abprs]-|AKIA|ASIA|AIza|SG\.|sk-)[\w.-]{12,}/

/** Takes JWTs, Caly's own keys and tokens, and other services' credentials out of a text. */
export function redactTokens(text: string): string {
  return text.replace(runs, (run) => {
    const jwt = run.indexOf('eyJ')
    if (jwt >= 0 && /^eyJ[\w-]{5,}(?:\.[\w-]{2,}|[\w-]{32,})/.test(run.slice(jwt)))
      return `${run.slice(0, jwt)}[redacted:jwt]`
    const own = run.includes('caly_') ? ours.exec(run) : null
    if (own !== null)
      return `${run.slice(0, own.index)}[redacted:${own[0].startsWith('caly_r') ? 'token' : 'api-key'}]`
    const other = foreign.exec(run)
    return other === null ? run : `${run.slice(0, other.index)}[redacted:token]`
  })
}

/** `Bearer …` and the like, wherever they stand (RFC 9110 §11.4). */
const schemes = /\b(bearer|basic|digest|negotiate|apikey|hmac)(\s{1,4}|%20|\+)([\w.~+/=%-]{6,})/gi

/** A word of a sentence ("basic information") is no credential. */
const proseWord = /^[A-Za-z]?[a-z]+(?:[.-][a-z]+)?[.-]?$/

/** Takes the credentials of HTTP authentication schemes out of a text. */
export const redactSchemes = (text: string): string =>
  text.replace(schemes, (found, scheme: string, space: string, value: string) =>
    proseWord.test(value) && value.length < 24 ? found : `${scheme}${space}[redacted]`,
  )

const privateKey =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[\s\S])*(?:-----END[A-Z0-9 ]{0,48}-----)?/g

/** Takes PEM private keys out of a text, also where their end is missing. */
export const redactPrivateKeys = (text: string): string =>
  text.replace(privateKey, '[redacted:private-key]')
