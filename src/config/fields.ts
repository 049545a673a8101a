/** How the texts of environment variables are read. A fault says what is expected, never the value. */
import { isIP } from 'node:net'
import { type } from 'arktype'
import { isCron } from './cron.ts'

/** A quota as written in `RATE_LIMIT_*`: so many requests in so long. */
export interface RateLimitSetting {
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

function parseDuration(text: string): number | undefined {
  const [, amount, unit = 'ms'] = /^(\d{1,10})(ms|s|m|h|d)?$/.exec(text) ?? []
  if (amount === undefined) return undefined
  const value = Number(amount) * units[unit as keyof typeof units]
  // setTimeout fires at once for anything above 2^31 - 1 ms.
  return value < 2 ** 31 ? value : undefined
}

/** Milliseconds, written as a number of them or with a unit. */
export const duration = type('string').pipe(
  (text, ctx) =>
    parseDuration(text) ?? ctx.error('a duration such as 30000, 30s or 15m (at most 24d)'),
)

/** The same, of so many milliseconds at least. */
export const durationFrom = (least: number) =>
  type('string').pipe((text, ctx) => {
    const value = parseDuration(text)
    const isLongEnough = value !== undefined && value >= least
    return isLongEnough ? value : ctx.error(`a duration of ${least} ms or more such as 500 or 1s`)
  })

/** A whole number within bounds, both included. */
export const wholeNumber = (min: number, max: number) =>
  type('string').pipe((text, ctx) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? value : ctx.error(`a whole number from ${min} to ${max}`)
  })

/** A share of the whole, 0 to 1. */
export const ratio = type('string').pipe((text, ctx) => {
  const value = /^[01](\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= 0 && value <= 1 ? value : ctx.error('a number from 0 to 1')
})

/** A switch, in the spellings that people use. */
export const onOff = type("'on' | 'off' | 'true' | 'false' | '1' | '0'").pipe(
  (word) => word === 'on' || word === 'true' || word === '1',
)

/** Comma-separated texts, trimmed, none empty. */
export const list = type('string').pipe((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/** A quota such as `300/1m`, or `off`. */
export const rateLimit = type('string').pipe((text, ctx): RateLimitSetting | 'off' => {
  if (text === 'off') return 'off'
  const [, limit, window = ''] = /^(\d{1,9})\/(\w+)$/.exec(text) ?? []
  const duration = parseDuration(window)
  if (limit === undefined || Number(limit) < 1 || duration === undefined || duration < 1000)
    return ctx.error('"off", or a limit and a window of a second or more such as 300/1m') as never
  return { limit: Number(limit), window: duration }
})

/** Where something is reached over HTTP; credentials have no place in it. */
export const httpUrl = type('string').pipe((text, ctx) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const usable =
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === ''
  return usable ? url : ctx.error('an http(s) URL without credentials')
})

/** The same without a path, query or fragment, which addresses that are built upon it would lose. */
export const httpOrigin = httpUrl.pipe((url, ctx) =>
  url.href === `${url.origin}/`
    ? url
    : ctx.error('an http(s) origin such as https://calls.example.com, without a path or query'),
)

/**
 * A host name, or the whole origin (scheme, host, port) of a stand-in for it. Exotel's own hosts are
 * asked over HTTPS, whatever is written: they answer plain HTTP too, and would take the key that way.
 */
export const hostOrOrigin = type('string').pipe((text, ctx) => {
  const host = text.replace(/^https?:\/\/(?=[a-z0-9.-]+\.exotel\.com$)/i, '')
  if (/^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)+$/i.test(host)) return host
  const isOrigin = /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text
  return isOrigin
    ? text
    : ctx.error('a host name such as api.exotel.com, or an origin such as http://127.0.0.1:4010')
})

/** A URL of one of the protocols, kept as it is written. It may hold a password. */
export const urlOf = (...protocols: readonly string[]) =>
  type('string').pipe((text, ctx) => {
    const usable = URL.canParse(text) && protocols.includes(new URL(text).protocol)
    return usable ? text : ctx.error(`a URL that begins with ${protocols.join('// or ')}//`)
  })

/** Keys of 256 bits in hexadecimal digits, lower case. */
export const encryptionKeys = type('string').pipe((text, ctx) => {
  const keys = text.split(',').map((key) => key.trim().toLowerCase())
  return keys.every((key) => /^[0-9a-f]{64}$/.test(key)) && new Set(keys).size === keys.length
    ? keys
    : ctx.error('64 hex digits (openssl rand -hex 32), or several different such, comma-separated')
})

/** Hidden slashes are refused in paths, and the comma is between two. */
const pathSecret = /^[!-+\-.0-[\]-~]{16,}$/

/** A secret that stands in a path, or two such, comma-separated. */
export const pathSecrets = type('string').pipe((text, ctx) => {
  const secrets = text.split(',').map((secret) => secret.trim())
  const usable = secrets.every((secret) => pathSecret.test(secret))
  return usable && secrets.length <= 2 && new Set(secrets).size === secrets.length
    ? secrets
    : ctx.error(
        'at least 16 visible ASCII characters without a slash, backslash or comma, or two different such, comma-separated',
      )
})

/** Whether a text is an address, or a network in CIDR notation. */
function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
  return length >= 0 && length <= bits
}

/** Addresses and networks in CIDR notation, as they are written. */
export const cidrs = list.pipe((items, ctx) =>
  items.every(isNetwork) ? items : ctx.error('addresses or CIDRs such as 10.0.0.0/8'),
)

/** The name of a header, lower case. */
export const headerName = type('string').pipe((text, ctx) =>
  /^[A-Za-z0-9-]{1,64}$/.test(text) ? text.toLowerCase() : ctx.error('the name of a header'),
)

/** Origins as a browser spells them, or `*`. */
export const origins = list.pipe((items, ctx) =>
  items.every((item) => item === '*' || (URL.canParse(item) && new URL(item).origin === item))
    ? items
    : ctx.error('origins such as https://app.example.com, comma-separated, or *'),
)

/** A cron line of five fields, or `off`. */
export const cron = type('string').pipe((text, ctx) => {
  const line = text.trim()
  return line === 'off' || isCron(line)
    ? line
    : ctx.error('"off", or a cron line of five fields such as 0 3 * * *')
})

/** Where records are: an http(s) URL without credentials, or the path of a folder or file. */
export const urlOrPath = type('string').pipe((text, ctx): URL | string => {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(text)) return text
  const url = httpUrl(text)
  return url instanceof type.errors
    ? (ctx.error('an http(s) URL without credentials, or a path') as never)
    : url
})

/** An e-mail address, lower case. */
export const email = type('string.email').pipe((text) => text.toLowerCase())
