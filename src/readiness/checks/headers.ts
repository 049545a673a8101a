/** What every answer says to the browser that may have asked. */
import { check, type Observation } from '../check.ts'
import { type Answer, field } from '../http.ts'
import { each, judged } from '../observe.ts'
import { sample } from './samples.ts'

const everywhere =
  'Caly sends it with every answer: find out what in front of it takes it away or sets another, and let that be'

/** A year, in seconds: the least that ASVS takes. */
const year = 31_536_000

/** Whose page nobody allowed. */
const stranger = 'https://readiness.invalid'

const has = (name: string, pattern: RegExp) => (answer: Answer) =>
  pattern.test(field(answer, name) ?? '')

/** Headers of security, and those that say too much. */
export const headerChecks = [
  check({
    id: 'headers.content-security-policy',
    title: 'Every answer forbids browsers to load, frame or send anything from it',
    why: 'An answer that a browser takes for a page runs whatever script got into it, with the rights of this origin',
    fix: everywhere,
    ...{ api: [8], asvs: ['V3.4.3', 'V3.4.6'], needs: [] },
    run: async ({ target }) =>
      each(
        await sample(target),
        (answer) => {
          const policy = field(answer, 'content-security-policy') ?? ''
          return (
            policy.includes("default-src 'none'") &&
            policy.includes("base-uri 'none'") &&
            policy.includes("frame-ancestors 'none'")
          )
        },
        'content-security-policy',
      ),
  }),
  check({
    id: 'headers.frame-options',
    title: 'No page may frame an answer, in old browsers either',
    why: 'A framed answer can be clicked on without the user seeing what they click (clickjacking)',
    fix: everywhere,
    ...{ api: [8], asvs: ['V3.4.6'], needs: [] },
    run: async ({ target }) =>
      each(await sample(target), has('x-frame-options', /^DENY$/i), 'x-frame-options'),
  }),
  check({
    id: 'headers.no-sniffing',
    title: 'Browsers take every answer for what it says that it is',
    why: 'A browser that guesses can take data for a script or a page',
    fix: everywhere,
    ...{ api: [8], asvs: ['V3.4.4'], needs: [] },
    run: async ({ target }) =>
      each(
        await sample(target),
        has('x-content-type-options', /^nosniff$/i),
        'x-content-type-options',
      ),
  }),
  check({
    id: 'headers.referrer-policy',
    title: 'No address of this service is told to other sites',
    why: 'Paths have ids in them, and a link would hand them to whoever is linked to',
    fix: everywhere,
    ...{ api: [8], asvs: ['V3.4.5'], needs: [] },
    run: async ({ target }) =>
      each(await sample(target), has('referrer-policy', /^no-referrer$/i), 'referrer-policy'),
  }),
  check({
    id: 'headers.permissions-policy',
    title: 'No answer may use camera, microphone, place or payment of a browser',
    why: 'A script that got into an answer could listen in',
    fix: everywhere,
    ...{ api: [8], asvs: [], needs: [] },
    run: async ({ target }) =>
      each(
        await sample(target),
        (answer) => {
          const policy = field(answer, 'permissions-policy') ?? ''
          return ['camera', 'microphone', 'geolocation', 'payment'].every((feature) =>
            policy.includes(`${feature}=()`),
          )
        },
        'permissions-policy',
      ),
  }),
  check({
    id: 'headers.no-xss-filter',
    title: 'The filter of old browsers, itself a hole, is off',
    why: 'The filter could be made to switch parts of a page off, and to leak what is on it',
    fix: everywhere,
    ...{ api: [8], asvs: [], needs: [] },
    run: async ({ target }) =>
      each(await sample(target), has('x-xss-protection', /^0$/), 'x-xss-protection'),
  }),
  check({
    id: 'headers.opener-policy',
    title: 'No page that opens an answer keeps a hold of its window',
    why: 'A window that another site opened can be steered by it',
    fix: everywhere,
    ...{ api: [8], asvs: ['V3.4.8'], needs: [] },
    run: async ({ target }) =>
      each(
        await sample(target),
        has('cross-origin-opener-policy', /^same-origin$/i),
        'cross-origin-opener-policy',
      ),
  }),
  check({
    id: 'headers.resource-policy',
    title: 'No other site may embed an answer',
    why: 'What is embedded lies in the memory of the page that embeds it (Spectre)',
    fix: everywhere,
    ...{ api: [8], asvs: ['V3.5.8'], needs: [] },
    run: async ({ target }) =>
      each(
        await sample(target),
        has('cross-origin-resource-policy', /^same-(origin|site)$/i),
        'cross-origin-resource-policy',
      ),
  }),
  check({
    id: 'headers.transport-security',
    title: 'Browsers are told to use HTTPS alone, for a year at least, subdomains too',
    why: 'The first request over plain HTTP can be caught and answered by anybody on the way',
    fix: 'Run with NODE_ENV=production, or with TLS_CERT and TLS_KEY; let no proxy take Strict-Transport-Security away',
    ...{ api: [8], asvs: ['V3.4.1'], needs: [] },
    run: async ({ target }) =>
      each(
        await sample(target),
        (answer) => {
          const value = field(answer, 'strict-transport-security') ?? ''
          const age = Number(/max-age="?(\d+)/i.exec(value)?.[1] ?? 0)
          return age >= year && /includeSubDomains/i.test(value)
        },
        'strict-transport-security',
      ),
  }),
  check({
    id: 'headers.no-store',
    title: 'No cache keeps an answer of the API',
    why: 'A shared cache would hand one caller what belongs to another',
    fix: 'Caly sends Cache-Control: no-store below /api: let no proxy or CDN take it away',
    ...{ api: [8], asvs: ['V14.3.2'], needs: [] },
    run: async ({ target }) =>
      each(await sample(target), has('cache-control', /\bno-store\b/i), 'cache-control'),
  }),
  check({
    id: 'headers.no-software',
    title: 'No answer names the software behind it',
    why: 'Whoever knows name and version knows which holes to try',
    fix: 'Caly names nothing: switch it off in the proxy (nginx: server_tokens off, and a module to remove Server)',
    ...{ api: [8, 9], asvs: ['V13.4.6'], needs: [] },
    run: async ({ target }) =>
      each(
        await sample(target),
        ({ headers }) =>
          !['server', 'x-powered-by', 'x-aspnet-version', 'via'].some((name) => headers.has(name)),
        ...['server', 'x-powered-by', 'via'],
      ),
  }),
  check({
    id: 'headers.cookies',
    title: 'Cookies, if there are any, are Secure and HttpOnly',
    why: 'Caly sets none. What a proxy sets can be read on the way, or by a script, without these',
    fix: 'Give the cookies of your load balancer Secure and HttpOnly, or do without them',
    ...{ api: [2, 8], asvs: ['V3.3.1', 'V3.3.4'], needs: [] },
    run: async ({ target }) =>
      each(
        await sample(target),
        ({ headers }) =>
          (headers.get('set-cookie') ?? []).every(
            (cookie) => /;\s*secure/i.test(cookie) && /;\s*httponly/i.test(cookie),
          ),
        'set-cookie',
      ),
  }),
  check({
    id: 'headers.request-id',
    title: 'Every answer has a request id: its caller’s own, or a new one',
    why: 'Without it nobody finds the log line, audit row and trace of what a caller complains about',
    fix: 'Let no proxy take X-Request-Id away, in either direction',
    ...{ api: [8], asvs: ['V16.2.1'], needs: [] },
    async run({ target }) {
      const given = 'readiness-4711'
      const named = await target.ask({ path: '/api', headers: { 'x-request-id': given } })
      const others = await sample(target)
      const ids = new Set(others.map((answer) => field(answer, 'x-request-id')))
      return [
        ...each(others, has('x-request-id', /^[\w.-]{8,128}$/), 'x-request-id'),
        judged(named, field(named, 'x-request-id') === given, 'x-request-id'),
        { sent: 'a few requests', received: `${ids.size} ids`, good: ids.size === others.length },
      ]
    },
  }),
  check({
    id: 'headers.request-id-form',
    title: 'A request id that could forge a line of the log is not taken',
    why: 'What the caller writes would stand in logs as it is: whole forged lines, or somebody’s number',
    fix: 'Let no proxy set X-Request-Id to what the caller sent without looking at it',
    ...{ api: [8], asvs: ['V16.4.1'], needs: [] },
    run: async ({ target }) =>
      Promise.all(
        ['a b "c" <script>', '%0d%0aforged: line', 'x'.repeat(500), '+919876543210'].map(
          async (id): Promise<Observation> => {
            const answer = await target.ask({ path: '/api', headers: { 'x-request-id': id } })
            return judged(answer, field(answer, 'x-request-id') !== id, 'x-request-id')
          },
        ),
      ),
  }),
  check({
    id: 'headers.cors',
    title: 'Pages of sites that nobody allowed can read no answer',
    why: 'A page that a user visits could ask for them, with what their browser has',
    fix: 'List the origins of your own pages in CORS_ORIGINS, never *, and let no proxy add Access-Control-Allow-Origin',
    ...{ api: [8], asvs: ['V3.4.2'], needs: [] },
    async run({ target }) {
      const answers = await Promise.all(
        [stranger, 'null'].map((origin) => target.ask({ path: '/api', headers: { origin } })),
      )
      return each(
        answers,
        ({ headers }) => !headers.has('access-control-allow-origin'),
        'access-control-allow-origin',
      )
    },
  }),
  check({
    id: 'headers.cors-preflight',
    title: 'Browsers are not told that such a page may send credentials or change anything',
    why: 'A page of any site could place calls in the name of who visits it',
    fix: 'List the origins of your own pages in CORS_ORIGINS, never *, and let no proxy answer OPTIONS',
    ...{ api: [8], asvs: ['V3.4.2', 'V3.5.2'], needs: [] },
    async run({ target }) {
      const answer = await target.ask({
        method: 'OPTIONS',
        path: '/api/calls',
        headers: {
          origin: stranger,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      })
      const names = ['origin', 'methods', 'headers', 'credentials'].map(
        (name) => `access-control-allow-${name}`,
      )
      return [judged(answer, !names.some((name) => answer.headers.has(name)), ...names)]
    },
  }),
] as const
