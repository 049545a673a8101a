import { answering, changedHeader, ownAnswer, withHeader, withoutHeader } from '../broken-proxy.ts'
import { configured, type Mutant, proxied } from '../mutant.ts'

const served = ownAnswer('200 OK', '{}', { 'content-type': 'application/json' })

const taking = (what: string, id: Mutant['reds'][number], request: RegExp): Mutant =>
  proxied(
    `a service that takes ${what}`,
    [id],
    answering((bytes) => request.test(bytes), served),
  )

/** What anybody can ask for without end. */
export const limitMutants: readonly Mutant[] = [
  proxied(
    'a proxy that drops ratelimit-policy',
    ['limits.told'],
    withoutHeader('ratelimit-policy'),
  ),
  proxied(
    'a service that counts nothing',
    ['limits.counted', 'limits.address'],
    changedHeader('x-ratelimit-remaining', '99999'),
  ),
  proxied('a service that believes any X-Forwarded-For', ['limits.address'], {
    answer: (bytes, request) =>
      /^x-forwarded-for:/im.test(request)
        ? bytes.replace(/^(x-ratelimit-remaining:) .*\r\n/im, '$1 99999\r\n')
        : bytes,
  }),
  proxied(
    'a service that limits probes',
    ['limits.probes'],
    withHeader('ratelimit', '"probes";r=1'),
  ),
  taking('a gigabyte', 'limits.announced-body', /^content-length: 1073741825/im),
  taking('chunks without end', 'limits.chunked-body', /^transfer-encoding: chunked/im),
  taking('an address without end', 'limits.target', /^GET \/api\?x{1000}/),
  configured('RATE_LIMIT_WEBHOOK=off', ['limits.all-on'], { RATE_LIMIT_WEBHOOK: 'off' }),
  configured('a RATE_LIMIT_AUTH of 100 a minute', ['limits.all-on'], { RATE_LIMIT_AUTH: '100/1m' }),
  configured('a BODY_LIMIT of a gigabyte', ['limits.chunked-body'], { BODY_LIMIT: '1073741824' }),
  taking('any length of a page', 'limits.pages', /^GET \S*limit=1000000/),
  proxied('a proxy that keeps the last of two parameters', ['limits.repeated-parameters'], {
    request: (bytes) => bytes.replace('limit=1&limit=2', 'limit=2'),
  }),
  proxied('a login without a limit of its own', ['limits.logins'], {
    answer: (bytes, request) =>
      request.startsWith('POST /api/auth/login')
        ? bytes.replace(/^(ratelimit-policy: .*), "auth".*\r\n/im, '$1\r\n')
        : bytes,
  }),
  proxied(
    'a proxy that does not say how long to wait',
    ['limits.refusal'],
    withoutHeader('retry-after'),
  ),
]
