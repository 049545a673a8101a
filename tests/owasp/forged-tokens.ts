/** Access tokens as they are forged by who has a right one, but not the key: no request needs another. */
import { createHmac } from 'node:crypto'

/** Makes a token out of a right one, another person's, and the port of a host of the attacker's. */
type Forge = (right: string, others: string, port: number) => string

const parts = (token: string) => {
  const [head = '', payload = '', signature = ''] = token.split('.')
  return { head, payload, signature }
}
const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
const write = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The same with another head, and the signature that it had, or one that is given. */
const headed =
  (change: object, signature?: string): Forge =>
  (right) => {
    const { head, payload, signature: kept } = parts(right)
    return `${write({ ...read(head), ...change })}.${payload}.${signature ?? kept}`
  }

/** The same with other claims. */
const claiming =
  (change: object): Forge =>
  (right) => {
    const { head, payload, signature } = parts(right)
    return `${head}.${write({ ...read(payload), ...change })}.${signature}`
  }

/** With a head that names where the key is to be had. */
const pointing =
  (name: string, where: (port: number) => unknown): Forge =>
  (right, others, port) =>
    headed({ [name]: where(port) })(right, others, port)

const inAnHour = Math.floor(Date.now() / 1000) + 3600
const id = '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00'

/** Each by what a test says of it. */
export const forgeries: Readonly<Record<string, Forge>> = {
  'without a signature': (right) => `${parts(right).head}.${parts(right).payload}.`,
  'of two parts': (right) => `${parts(right).head}.${parts(right).payload}`,
  'of the algorithm none': headed({ alg: 'none' }, ''),
  'of the algorithm none, with a signature': headed({ alg: 'none' }),
  'of the algorithm nOnE': headed({ alg: 'nOnE' }, ''),
  'of an empty algorithm': headed({ alg: '' }, ''),
  'of no algorithm': headed({ alg: undefined }, ''),
  'of several algorithms': headed({ alg: ['HS256', 'none'] }),
  'of HS384': headed({ alg: 'HS384' }),
  'of RS256': headed({ alg: 'RS256' }),
  'of EdDSA': headed({ alg: 'EdDSA' }),
  'whose key is a file': headed({ kid: '../../../../dev/null' }),
  'whose key is a statement': headed({ kid: "' union select 'key' --" }),
  'whose key is nobody’s': headed({ kid: 'deadbeef' }),
  'whose key is none': headed({ kid: null }),
  'whose key is a command': headed({ kid: '|/usr/bin/id' }),
  'that brings its key': headed({ jwk: { kty: 'oct', k: 'c2VjcmV0' } }),
  'whose key lies at the attacker’s': pointing(
    'jku',
    (port) => `http://127.0.0.1:${port}/jwks.json`,
  ),
  'whose certificate lies at the attacker’s': pointing(
    'x5u',
    (port) => `http://localhost:${port}/c`,
  ),
  'that is encrypted': headed({ enc: 'A256GCM', alg: 'dir' }),
  'of another type': headed({ typ: 'JWT' }),
  'with an extension that must be known': headed({ crit: ['b64'], b64: false }),
  'of another user': claiming({ sub: id }),
  'of another client': claiming({ cid: id }),
  'of another session': claiming({ sid: id }),
  'that lives longer': claiming({ exp: inAnHour }),
  'that never ends': claiming({ exp: undefined }),
  'with a role in it': claiming({ role: 'admin', scopes: ['users:write'] }),
  'that is another’s, under this signature': (right, others) => {
    const { head, payload } = parts(others)
    return `${head}.${payload}.${parts(right).signature}`
  },
  'signed with its own key’s name': (right) => {
    const { head, payload } = parts(right)
    const key = String(read(head).kid)
    return `${head}.${payload}.${createHmac('sha256', key).update(`${head}.${payload}`).digest('base64url')}`
  },
  'twice in one': (right) => `${right}.${right}`,
  'in capitals': (right) => right.toUpperCase(),
}
