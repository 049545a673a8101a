/** Secrets of every kind, made anew, and the ways in which programs come to log them. */
import { Buffer } from 'node:buffer'

/** A seeded source of chance (mulberry32): a failure can be run again. */
export function chance(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }
  const text = (length: number, alphabet = letters + digits) =>
    Array.from({ length }, () => pick([...alphabet])).join('')
  return { next, below, pick, text }
}

/** What {@linkcode chance} returns. */
export type Chance = ReturnType<typeof chance>

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'

/** A secret: how it stands in a value, and the part that must not get out. */
export interface Plant {
  readonly kind: string
  readonly value: string
  readonly canary: string
}

/** Names under which any value is a secret. */
export const secretNames = [
  ...['password', 'Password', 'userPassword', 'user_password', 'PASSWORD', 'passwd', 'pwd'],
  ...['passphrase', 'newPassword', 'password_hash', 'accessToken', 'refresh_token', 'x-auth-token'],
  ...['authorization', 'Authorization', 'Proxy-Authorization', 'cookie', 'Set-Cookie', 'secret'],
  ...['clientSecret', 'webhook_secret', 'apiKey', 'api_key', 'X-Api-Key', 'APIKEY', 'privateKey'],
  ...['credentials', 'otp', 'loginOtp', 'one_time_code', 'pin', 'cardPin', 'cvv', 'CVC'],
]

function withLuhn(body: string): string {
  const total = [...body].reverse().reduce((sum, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1)
    return sum + (value > 9 ? value - 9 : value)
  }, 0)
  return body + ((10 - (total % 10)) % 10)
}

/** Secrets that are known by their form, wherever they stand. */
export const byForm: readonly ((random: Chance) => Plant)[] = [
  ({ text }) => {
    const canary = text(43)
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const value = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ sub: text(8) })}.${canary}`
    return { kind: 'jwt', value, canary }
  },
  ({ text }) => {
    const canary = text(49)
    return { kind: 'api key', value: `caly_live_${text(22)}_${canary}`, canary }
  },
  ({ text }) => {
    const canary = text(43)
    return { kind: 'refresh token', value: `caly_refresh_${canary}`, canary }
  },
  ({ text, pick }) => {
    const canary = `${text(20)}7`
    return { kind: 'bearer', value: `${pick(['Bearer', 'bearer', 'BEARER'])} ${canary}`, canary }
  },
  ({ text }) => {
    const canary = Buffer.from(`user:${text(12)}`).toString('base64')
    return { kind: 'basic', value: `Basic ${canary}`, canary }
  },
  ({ text, pick }) => {
    const number = withLuhn(
      pick(['4', '51', '2221', '60', '6521']).padEnd(6, '1') + text(9, digits),
    )
    const canary = pick([
      number,
      number.replace(/(.{4})(?=.)/g, '$1 '),
      number.replace(/(.{4})(?=.)/g, '$1-'),
    ])
    return { kind: 'card', value: canary, canary }
  },
  ({ text }) => {
    const canary = text(64)
    const value = `-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----`
    return { kind: 'private key', value, canary }
  },
  ({ text, pick }) => {
    const canary = pick(['', 'p/', 'p@', 'p#']) + text(14)
    const scheme = pick(['postgres', 'postgresql', 'redis', 'mongodb+srv', 'amqp'])
    return {
      kind: 'connection string',
      value: `${scheme}://caly:${canary}@db.internal:5432/x`,
      canary,
    }
  },
  ({ text, pick }) => {
    const canary = text(16)
    const name = pick(['token', 'api_key', 'access_token', 'sig', 'signature', 'password'])
    return { kind: 'query', value: `https://x.example/a?b=1&${name}=${canary}&c=2`, canary }
  },
  ({ text }) => {
    const canary = text(24)
    return { kind: 'webhook', value: `/api/webhooks/exotel/${canary}?call=1`, canary }
  },
  ({ text }) => {
    const canary = `${text(9)}.${text(4)}`
    return { kind: 'e-mail', value: `${canary}@mail.example.com`, canary }
  },
  ({ text, pick }) => {
    const tail = text(9, digits)
    const number = `${pick(['6', '7', '8', '9'])}${tail}`
    const groups = `${number.slice(0, 5)}${pick([' ', '-'])}${number.slice(5)}`
    const spelled = pick([
      `+91${number}`,
      `+91 ${groups}`,
      `0${number}`,
      `91${number}`,
      number,
      groups,
      `+91-${groups}`,
    ])
    return { kind: 'phone', value: spelled, canary: spelled.replace(/^\+?(?:91|0)[ -]?/, '') }
  },
  ({ text }) => {
    const canary = `+${text(1, '2345678')}${text(10, digits)}`
    return { kind: 'E.164', value: canary, canary }
  },
]

/** A secret within a sentence, an assignment, JSON, a header line. */
export function sentence({ pick, text, below }: Chance): Plant {
  const name = pick(secretNames)
  const canary = `${text(14)}${below(10)}`
  const value = pick([
    `${name}=${canary}`,
    `${name}: ${canary}`,
    `login failed with ${name}=${canary} for a user`,
    `{"${name}":"${canary}"}`,
    `body was {"a":1,"${name}":"${canary}","b":2}`,
    `twice ${JSON.stringify(JSON.stringify({ [name]: canary }))}`,
    `thrice ${JSON.stringify(JSON.stringify(JSON.stringify({ x: { [name]: canary } })))}`,
    `{ ${name}: '${canary}' }`,
    `?a=1&${name}=${canary}`,
    `${name} => ${canary}`,
    `it was ${name}: {"a":"${canary}"} there`,
    `${name}=["x","${canary}"]`,
    `a\n${name}: ${canary}\nb`,
  ])
  return { kind: `named ${name}`, value, canary }
}
