import { changedHeader, withHeader, withoutHeader } from '../broken-proxy.ts'
import { type Mutant, proxied } from '../mutant.ts'

const dropped = (name: string, id: Mutant['reds'][number]): Mutant =>
  proxied(`a proxy that drops ${name}`, [id], withoutHeader(name))

const reflecting = (allowed: string) => ({
  answer: (bytes: string, request: string) => {
    const origin = /^origin: (.*)\r\n/im.exec(request)?.[1]
    return origin === undefined
      ? bytes
      : bytes.replace('\r\n', `\r\n${allowed.replace('ORIGIN', origin)}\r\n`)
  },
})

/** What proxies do to headers. */
export const headerMutants: readonly Mutant[] = [
  dropped('content-security-policy', 'headers.content-security-policy'),
  proxied(
    'a proxy that lets sites frame answers',
    ['headers.content-security-policy'],
    changedHeader('content-security-policy', "default-src 'none'; base-uri 'none'"),
  ),
  dropped('x-frame-options', 'headers.frame-options'),
  dropped('x-content-type-options', 'headers.no-sniffing'),
  proxied(
    'a proxy that tells other sites the origin',
    ['headers.referrer-policy'],
    changedHeader('referrer-policy', 'origin'),
  ),
  proxied(
    'a proxy that allows the microphone',
    ['headers.permissions-policy'],
    changedHeader('permissions-policy', 'microphone=*, camera=()'),
  ),
  proxied(
    'a proxy that switches the filter of old browsers on',
    ['headers.no-xss-filter'],
    changedHeader('x-xss-protection', '1; mode=block'),
  ),
  dropped('cross-origin-opener-policy', 'headers.opener-policy'),
  proxied(
    'a proxy that lets sites embed answers',
    ['headers.resource-policy'],
    changedHeader('cross-origin-resource-policy', 'cross-origin'),
  ),
  dropped('strict-transport-security', 'headers.transport-security'),
  proxied(
    'a proxy that asks for HTTPS for an hour',
    ['headers.transport-security'],
    changedHeader('strict-transport-security', 'max-age=3600; includeSubDomains'),
  ),
  proxied(
    'a proxy that lets caches keep answers',
    ['headers.no-store'],
    changedHeader('cache-control', 'public, max-age=60'),
  ),
  proxied('a proxy that names itself', ['headers.no-software'], withHeader('server', 'nginx/1.22')),
  proxied(
    'a load balancer whose cookie any script can read',
    ['headers.cookies'],
    withHeader('set-cookie', 'AWSALB=abc; Path=/'),
  ),
  dropped('x-request-id', 'headers.request-id'),
  proxied(
    'a proxy that names each answer itself',
    ['headers.request-id'],
    changedHeader('x-request-id', 'always-the-same'),
  ),
  proxied('a proxy that hands any request id back', ['headers.request-id-form'], {
    answer: (bytes, request) => {
      const id = /^x-request-id: (.*)\r\n/im.exec(request)?.[1]
      return id === undefined
        ? bytes
        : bytes.replace(/^x-request-id: .*\r\n/im, `x-request-id: ${id}\r\n`)
    },
  }),
  proxied(
    'a proxy that lets any site read answers',
    ['headers.cors', 'headers.cors-preflight'],
    reflecting('access-control-allow-origin: ORIGIN'),
  ),
  proxied(
    'a proxy that lets any site send credentials',
    ['headers.cors-preflight'],
    reflecting('access-control-allow-credentials: true'),
  ),
]
