import { answering, ownAnswer, withBody } from '../broken-proxy.ts'
import { type Mutant, proxied } from '../mutant.ts'

const isRefusal = (bytes: string) => /^HTTP\/1\.1 4/.test(bytes)

/** A change of every refusal's body. */
const refusing = (change: (body: string, request: string) => string) => ({
  answer: (bytes: string, request: string) =>
    isRefusal(bytes) ? withBody(bytes, (body) => change(body, request)) : bytes,
})

const asked = (pattern: RegExp) => (request: string) => pattern.test(request)

/** What proxies and other code do to refusals. */
export const errorMutants: readonly Mutant[] = [
  proxied(
    'a proxy that says 200 in every problem',
    ['errors.problem-details'],
    refusing((body) => body.replace(/"status":\d+/, '"status":200')),
  ),
  proxied(
    'a proxy with an error page of its own',
    ['errors.no-pages', 'errors.problem-details', 'errors.request-id', 'errors.no-internals'],
    {
      answer: (bytes) =>
        isRefusal(bytes)
          ? withBody(
              bytes.replace(/^content-type:.*\r\n/im, 'content-type: text/html\r\n'),
              () => '<h1>Error</h1>at handle (/app/server.js:10:5)',
            )
          : bytes,
    },
  ),
  proxied(
    'a service that names another request in its refusals',
    ['errors.request-id'],
    refusing((body) => body.replace(/"requestId":"[^"]*"/, '"requestId":"0000-none-of-it"')),
  ),
  proxied(
    'a service that shows its stack',
    ['errors.no-internals'],
    refusing((body) => body.replace('{', '{"stack":"TypeError at run (/srv/main.ts:1:2)",')),
  ),
  proxied(
    'a service that repeats the path',
    ['errors.no-echo'],
    refusing((body, request) => body.replace('{', `{"path":"${request.split(' ')[1]}",`)),
  ),
  proxied(
    'a proxy that serves one page for all that is not there',
    ['errors.not-found'],
    answering(asked(/^GET \/readiness-nowhere/), ownAnswer('200 OK', 'Welcome')),
  ),
  proxied('a proxy that does not say which methods there are', ['errors.methods'], {
    answer: (bytes) => bytes.replace(/^allow:.*\r\n/im, ''),
  }),
  proxied(
    'a proxy with a page for browsers',
    ['errors.no-pages'],
    answering(
      asked(/^accept: text\/html/im),
      ownAnswer('404 Not Found', '<p>', { 'content-type': 'text/html' }),
    ),
  ),
  proxied(
    'a proxy whose document root is the deployment',
    ['errors.no-files'],
    answering(asked(/^GET \/\.env/), ownAnswer('200 OK', 'ENCRYPTION_KEY=')),
  ),
]
