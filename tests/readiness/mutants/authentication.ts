import { eventually } from '../../support/process.ts'
import { answering, type Breakage, ownAnswer, withBody, withoutHeader } from '../broken-proxy.ts'
import { type Mutant, proxied } from '../mutant.ts'

const served = ownAnswer('200 OK', '{}', { 'content-type': 'application/json' })

/** A service that lets somebody in whom it should not: as if that check of its code were gone. */
const letting = (who: string, id: Mutant['reds'][number], request: RegExp): Mutant =>
  proxied(
    `a service that lets ${who} in`,
    [id],
    answering((bytes) => request.test(bytes), served),
  )

const isStranger = (bytes: string) => !/^(authorization|x-api-key):/im.test(bytes)

/** A cache that hands an answer out again for the same path and credentials. */
function caching(path: string): Breakage {
  const kept = new Map<string, string>()
  const nameOf = (bytes: string) => `${/^authorization: .*/im.exec(bytes)?.[0]}`
  const concerns = (bytes: string) => bytes.startsWith(`GET ${path} `)
  return {
    request(bytes) {
      const answer = concerns(bytes) ? kept.get(nameOf(bytes)) : undefined
      return answer === undefined ? bytes : { answer }
    },
    answer(bytes, request) {
      if (concerns(request) && bytes.startsWith('HTTP/1.1 200')) kept.set(nameOf(request), bytes)
      return bytes
    },
  }
}

/** What is let in that should not be. */
export const authenticationMutants: readonly Mutant[] = [
  letting('strangers to its scans', 'authentication.required', /^GET \/api\/scans /),
  proxied(
    'a proxy that does not say how to authenticate',
    ['authentication.challenge'],
    withoutHeader('www-authenticate'),
  ),
  letting('invented keys', 'authentication.invented-keys', /bearer caly_live_0{22}_/i),
  letting('unsigned tokens', 'authentication.unsigned-tokens', /bearer ey[\w-]+\.[\w-]+\.\r\n/i),
  letting('any token', 'authentication.forged-tokens', /bearer ey[\w-]+\.[\w-]+\.[\w-]+\r\n/i),
  proxied(
    'a proxy that shows metrics to anybody',
    ['authentication.operators'],
    answering((bytes) => bytes.startsWith('GET /metrics') && isStranger(bytes), served),
  ),
  letting(
    'scrapers with any token',
    'authentication.operators-token',
    /^GET \/metrics(.|\r\n)*authorization/i,
  ),
  letting('callbacks with any secret', 'authentication.callbacks', /^POST \/api\/webhooks/),
  proxied(
    'DOCS that are left on',
    ['authentication.docs'],
    answering((bytes) => bytes.startsWith('GET /docs'), served),
  ),
  proxied(
    'a proxy that keeps Authorization to itself',
    ['authentication.keys-work', 'authentication.one-credential', 'authentication.operators-token'],
    (house) => ({
      request: (bytes) =>
        bytes.includes(house.guests.one.key.secret) || bytes.startsWith('GET /health')
          ? bytes.replace(/^authorization: .*\r\n/im, '')
          : bytes,
      answer: (bytes, request) =>
        request.startsWith('GET /health/detailed') && !isStranger(request) ? served : bytes,
    }),
  ),
  proxied('a proxy that takes X-API-Key away', ['authentication.one-credential'], {
    request: (bytes) => bytes.replace(/^x-api-key: .*\r\n/im, ''),
  }),
  {
    what: 'a database in which a key got more time',
    reds: ['authentication.expired-keys'],
    async stage({ database, context: { target }, guests: { one, other } }) {
      const move = (interval: string, where: string) =>
        database.client.query(
          `update api_keys set expires_at = now() + interval '${interval}' where expires_at ${where} and client_id in ('${one.clientId}', '${other.clientId}')`,
        )
      const ask = () => target.ask({ path: '/api/auth/me', credential: one.expired })
      await move('1 day', '< now()')
      await eventually(ask, ({ status }) => status === 200)
      return {
        context: {},
        async undo() {
          await move('-1 minute', "> now() + interval '12 hours'")
          await eventually(ask, ({ status }) => status === 401)
        },
      }
    },
  },
  proxied(
    'a cache in front of the service',
    ['authentication.revoked-keys', 'authentication.logout'],
    () => caching('/api/auth/me'),
  ),
  proxied('a list of keys with their secrets', ['authentication.keys-shown-once'], {
    answer: (bytes, request) =>
      request.startsWith('GET /api/keys')
        ? withBody(bytes, (body) => body.replace('"prefix"', '"secretHash":"x","prefix"'))
        : bytes,
  }),
  proxied('a service that says that there is no such user', ['authentication.logins'], {
    answer: (bytes, request) =>
      request.includes('"nobody-')
        ? withBody(bytes, (body) => body.replace(/"detail":"[^"]*"/, '"detail":"No such user"'))
        : bytes,
  }),
]
