import { answering, ownAnswer, withBody } from '../broken-proxy.ts'
import { type Mutant, proxied } from '../mutant.ts'

/** The body of an answer to a path, changed. */
const told = (
  what: string,
  reds: Mutant['reds'],
  path: string,
  change: (body: string) => string,
): Mutant =>
  proxied(what, reds, {
    answer: (bytes, request) =>
      request.startsWith(`GET ${path} `) ? withBody(bytes, change) : bytes,
  })

/** What probes and operators are told that is not so. */
export const healthMutants: readonly Mutant[] = [
  told('a proxy that answers probes with a page', ['health.live'], '/health/live', () => 'OK'),
  told('a service that is not ready', ['health.ready'], '/health/ready', (body) =>
    body.replace(/^\{"status":"\w+"/, '{"status":"fail"'),
  ),
  proxied('a proxy that lets probes wait', ['health.soon'], {
    delay: (request) => (request.startsWith('GET /health/live') ? 1100 : 0),
  }),
  proxied(
    'a proxy that knows probes by their host alone',
    ['health.any-host'],
    answering((bytes) => /^host: 10\./im.test(bytes), ownAnswer('421 Misdirected Request', '')),
  ),
  proxied('a cache that keeps probes', ['health.fresh'], () => {
    let kept: string | undefined
    return {
      answer(bytes, request) {
        if (!request.startsWith('GET /health/ready')) return bytes
        kept ??= bytes
        return kept
      },
    }
  }),
  told('a service that tells strangers its version', ['health.quiet'], '/health/ready', (body) =>
    body
      .replace('{', '{"version":"1.2.3",')
      .replace(/^\{("version":"1.2.3"),("status":"\w+")/, '{$2,$1'),
  ),
  told('a seal that waits', ['health.nothing-wrong'], '/health/detailed', (body) =>
    body.replace('"auditSeals":{"status":"pass"', '"auditSeals":{"status":"warn"'),
  ),
  told('an older version that goes on', ['health.version'], '/api', (body) =>
    body.replace(/"version":"[^"]*"/, '"version":"0.0.1"'),
  ),
]
