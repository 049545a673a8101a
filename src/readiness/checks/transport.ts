/** Requests that two readers could read in two ways, and who they say that they come from. */
import { check, type Observation } from '../check.ts'
import { field } from '../http.ts'
import { judged, refused } from '../observe.ts'
import type { Target } from '../target.ts'
import { index } from './samples.ts'

const evil = 'readiness-evil.invalid'

const front =
  'Caly refuses it: let the proxy in front refuse it too, or hand it through as it is (nginx: merge_slashes off, proxy_pass without a path)'

/** A request as it is, whose connection ends after it. */
const raw = ({ host }: Target, line: string, fields: string, body = ''): string =>
  `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields}\r\n${body}`

/** Requests as they are, each of which must be refused. */
const allRefused = (target: Target, requests: Readonly<Record<string, string>>) =>
  Promise.all(
    Object.entries(requests).map(
      async ([what, bytes]): Promise<Observation> => refused(what, await target.send(bytes, what)),
    ),
  )

/** Requests. */
export const transportChecks = [
  check({
    id: 'transport.host',
    title: 'A host that is not this service’s is not served',
    why: 'Whoever has their own name lead here gets a browser’s requests past its rules (DNS rebinding), and poisons caches and links',
    fix: 'List in ALLOWED_HOSTS the names that clients use, and let the proxy hand Host through (nginx: proxy_set_header Host $host)',
    ...{ api: [8], asvs: ['V4.1.3'], needs: [] },
    async run({ target }) {
      const answer = await target.ask({ path: '/api', headers: { host: evil } })
      return [judged(answer, answer.status >= 400 && answer.status < 500)]
    },
  }),
  check({
    id: 'transport.forwarded-host',
    title: 'What a stranger says about host, scheme and path changes nothing',
    why: 'Links and redirects would lead where the stranger wants, and guards of paths would look at another path',
    fix: 'Let the proxy in front drop X-Forwarded-*, X-Original-URL and the like from strangers, or overwrite them',
    ...{ api: [8], asvs: ['V4.1.3'], needs: [] },
    async run({ target }) {
      const headers = {
        'x-forwarded-host': evil,
        'x-original-url': '/health/live',
        'x-rewrite-url': '/health/live',
        'x-forwarded-prefix': `/${evil}`,
        'x-http-method-override': 'DELETE',
      }
      const answer = await target.ask({ ...index, headers })
      const plain = await target.once(index)
      const told = [...answer.headers.values()].flat().join() + answer.body
      return [judged(answer, answer.body === plain.body && !told.includes(evil))]
    },
  }),
  check({
    id: 'transport.framing',
    title: 'A request with two lengths is refused',
    why: 'A proxy and the service that disagree about where a request ends take a part of it for another client’s (request smuggling)',
    fix: 'Use a proxy that refuses such requests itself, and hands none on with both Content-Length and Transfer-Encoding',
    ...{ api: [8], asvs: ['V4.2.1'], needs: [] },
    run: ({ target }) =>
      allRefused(target, {
        'a length and chunks': raw(
          target,
          'POST /api/auth/refresh',
          'Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n',
          '0\r\n\r\n',
        ),
        'two lengths': raw(
          target,
          'POST /api/auth/refresh',
          'Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 4\r\n',
          '{}',
        ),
        'an unknown coding': raw(
          target,
          'POST /api/auth/refresh',
          'Content-Type: application/json\r\nTransfer-Encoding: chunked, identity\r\n',
          '0\r\n\r\n',
        ),
      }),
  }),
  check({
    id: 'transport.paths',
    title: 'A path that could be read in two ways is refused',
    why: 'A proxy that guards /metrics or /api/users by its path lets through what Caly then reads as that path',
    fix: front,
    ...{ api: [5, 8], asvs: ['V1.5.3', 'V1.1.1'], needs: [] },
    run: ({ target }) =>
      allRefused(
        target,
        Object.fromEntries(
          [
            '//health/live',
            '/health//live',
            '/health%2Flive',
            '/health%5Clive',
            '/health/live%00',
            '/api/..%2fhealth/live',
          ].map((path) => [`GET ${path}`, raw(target, `GET ${path}`, '')]),
        ),
      ),
  }),
  check({
    id: 'transport.trace',
    title: 'TRACE is refused',
    why: 'It sends back what it got, headers of credentials and of proxies included',
    fix: 'Caly refuses it: switch it off in the proxy in front (Apache: TraceEnable off)',
    ...{ api: [8], asvs: ['V13.4.4'], needs: [] },
    async run({ target }) {
      const answer = await target.ask({ method: 'TRACE', path: '/api' })
      return [judged(answer, answer.status >= 400)]
    },
  }),
  check({
    id: 'transport.head',
    title: 'HEAD is answered as GET is, without the body',
    why: 'A body that the other end does not expect is taken for the answer to the next client’s request',
    fix: front,
    ...{ api: [8], asvs: ['V4.2.2'], needs: [] },
    async run({ target }) {
      const [head, plain] = await Promise.all([
        target.ask({ ...index, method: 'HEAD' }),
        target.once(index),
      ])
      return [
        judged(head, head.status === plain.status),
        { sent: head.sent, received: `${head.behind} bytes of a body`, good: head.behind === 0 },
        judged(head, field(head, 'content-type') === field(plain, 'content-type'), 'content-type'),
      ]
    },
  }),
  check({
    id: 'transport.header-size',
    title: 'Headers of 64 KiB are refused',
    why: 'Each connection would take as much memory as its client likes',
    fix: 'Leave the limits of the proxy in front as they are (nginx: large_client_header_buffers 4 8k)',
    ...{ api: [4], asvs: ['V15.2.2'], needs: [] },
    run: ({ target }) =>
      allRefused(target, {
        'a header of 64 KiB': raw(target, 'GET /api', `X-Readiness: ${'x'.repeat(65_536)}\r\n`),
      }),
  }),
  check({
    id: 'transport.header-count',
    title: 'A thousand headers are refused',
    why: 'Each costs work before anybody knows who is asking',
    fix: 'Let the proxy in front refuse more than a hundred or two',
    ...{ api: [4], asvs: ['V15.2.2'], needs: [] },
    run: ({ target }) =>
      allRefused(target, {
        'a thousand headers': raw(
          target,
          'GET /api',
          Array.from({ length: 1000 }, (_, at) => `X-${at}: y\r\n`).join(''),
        ),
      }),
  }),
] as const
