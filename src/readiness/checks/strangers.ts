/** What strangers get, with nothing and with what they made up. */
import { createHmac, randomUUID } from 'node:crypto'
import { formatApiKey } from '../../auth/index.ts'
import { check } from '../check.ts'
import { type Answer, type Credential, field } from '../http.ts'
import { each, judged } from '../observe.ts'
import type { Target } from '../target.ts'
import { guarded } from './samples.ts'

/** Routes that want to know who asks, one of each feature at least. */
const guardedRoutes = [
  '/api/calls',
  '/api/calls/stats',
  `/api/calls/${randomUUID()}/recording`,
  '/api/users',
  '/api/keys',
  '/api/auth/me',
  '/api/audit',
  '/api/audit/export',
  '/api/audit/verify',
  '/api/scans',
  '/api/vulnerabilities',
] as const

const operatorRoutes = ['/metrics', '/health/detailed', '/health/metrics'] as const

/** How any of these can fail although Caly asks. */
export const behind =
  'Caly asks for credentials itself: if it does not, a proxy in front adds some to every request, answers from a cache, or the code has changed'

/** Whether it was refused for want of credentials. */
export const is401 = ({ status }: Answer): boolean => status === 401

/** A token as nobody issues it. */
function token(header: object, sign: (text: string) => string): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { sub: randomUUID(), cid: randomUUID(), sid: randomUUID(), epoch: 0, iss: 'caly' }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part(header)}.${part({ ...claims, aud: 'caly/api', iat: now, exp: now + 600 })}`
  return `${text}.${sign(text)}`
}

/** Credentials that must not be taken. */
async function allRefused(target: Target, credentials: readonly Credential[]) {
  const answers = await Promise.all(
    credentials.map(({ name, secret }) =>
      // Not as a credential: what is forged may be seen by anybody.
      target
        .ask({ path: '/api/auth/me', headers: { authorization: `Bearer ${secret}` } })
        .then((answer) => ({ ...answer, sent: `GET /api/auth/me with ${name}` })),
    ),
  )
  return each(answers, is401)
}

/** Strangers. */
export const strangerChecks = [
  check({
    id: 'authentication.required',
    title: 'No route that is about somebody’s data answers a stranger',
    why: 'Anybody could read calls and users, place calls, and make themselves a key',
    fix: behind,
    ...{ api: [2, 5], asvs: ['V8.2.1', 'V6.3.4'], needs: [] },
    run: async ({ target }) =>
      each(await Promise.all(guardedRoutes.map((path) => target.ask({ path }))), is401),
  }),
  check({
    id: 'authentication.challenge',
    title: 'A stranger is told how to authenticate',
    why: 'Clients that are not told cannot know whether to log in, to refresh, or to give up (RFC 9110 §11.6.1)',
    fix: 'Let no proxy take WWW-Authenticate away',
    ...{ api: [2], asvs: [], needs: [] },
    async run({ target }) {
      const answer = await target.once(guarded)
      const challenge = field(answer, 'www-authenticate') ?? ''
      return [judged(answer, is401(answer) && challenge.startsWith('Bearer'), 'www-authenticate')]
    },
  }),
  check({
    id: 'authentication.invented-keys',
    title: 'An API key that was never made is refused, however well it is written',
    why: 'Its form and checksum can be computed by anybody who reads this program',
    fix: behind,
    ...{ api: [2], asvs: ['V7.2.1'], needs: [] },
    run: ({ target }) =>
      allRefused(target, [
        { name: 'an invented key', secret: formatApiKey(randomUUID()).key },
        { name: 'a key of zeros', secret: `caly_live_${'0'.repeat(22)}_${'0'.repeat(49)}` },
        { name: 'an empty JSON Web Token', secret: 'e30.e30.' },
      ]),
  }),
  check({
    id: 'authentication.unsigned-tokens',
    title: 'A token that says that it is not signed is refused',
    why: 'Anybody could write one for any user (alg: none)',
    fix: behind,
    ...{ api: [2], asvs: ['V9.1.1', 'V9.1.2'], needs: [] },
    run: ({ target }) =>
      allRefused(
        target,
        ['none', 'None'].map((alg) => ({
          name: `a token with alg ${alg}`,
          secret: token({ alg, typ: 'at+jwt' }, () => ''),
        })),
      ),
  }),
  check({
    id: 'authentication.forged-tokens',
    title: 'A token that is signed with a key of the stranger’s is refused',
    why: 'Anybody could write one for any user',
    fix: behind,
    ...{ api: [2], asvs: ['V9.1.1', 'V9.1.3'], needs: [] },
    run: ({ target }) =>
      allRefused(
        target,
        ['secret', '0'.repeat(64), 'caly'].map((secret, at) => ({
          name: `a token signed with a guessed key (${at + 1})`,
          secret: token({ alg: 'HS256', typ: 'at+jwt', kid: '1' }, (text) =>
            createHmac('sha256', secret).update(text).digest('base64url'),
          ),
        })),
      ),
  }),
  check({
    id: 'authentication.operators',
    title: 'Metrics and details of health are for operators alone',
    why: 'They tell how busy the service is, what it is made of, and what it stands on',
    fix: 'Run with NODE_ENV=production, and give scrapers METRICS_TOKEN; in development Caly trusts this machine',
    ...{ api: [5, 8], asvs: ['V13.4.5'], needs: [] },
    run: async ({ target }) =>
      each(await Promise.all(operatorRoutes.map((path) => target.ask({ path }))), is401),
  }),
  check({
    id: 'authentication.operators-token',
    title: 'A wrong METRICS_TOKEN is refused',
    why: 'It would be no token at all',
    fix: behind,
    ...{ api: [2, 5], asvs: ['V13.4.5'], needs: [] },
    async run({ target }) {
      const headers = { authorization: `Bearer ${randomUUID()}` }
      return each(
        await Promise.all(operatorRoutes.map((path) => target.ask({ path, headers }))),
        is401,
      )
    },
  }),
  check({
    id: 'authentication.callbacks',
    title: 'A callback with a guessed secret is answered like what is not there',
    why: 'Anybody could tell Caly how calls went, and learn which secret is right',
    fix: behind,
    ...{ api: [2, 10], asvs: ['V13.2.1'], needs: [] },
    run: async ({ target }) => [
      judged(
        ...(await target
          .ask({
            method: 'POST',
            path: `/api/webhooks/exotel/${randomUUID()}`,
            headers: { 'content-type': 'application/json' },
            body: '{}',
          })
          .then((answer) => [answer, answer.status === 404] as const)),
      ),
    ],
  }),
  check({
    id: 'authentication.docs',
    title: 'The API reference is not served',
    why: 'It is a list of all that can be tried; who needs it has it from you',
    fix: 'Leave DOCS out, or set it to off',
    ...{ api: [8, 9], asvs: ['V13.4.5'], needs: [] },
    run: async ({ target }) =>
      each(
        await Promise.all(['/docs', '/docs/json'].map((path) => target.ask({ path }))),
        ({ status }) => status >= 400,
      ),
  }),
]
