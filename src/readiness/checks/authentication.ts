/** Who is let in, and on what. */
import { createHmac, randomUUID } from 'node:crypto'
import { formatApiKey } from '../../auth/index.ts'
import { check } from '../check.ts'
import { type Answer, type Credential, field } from '../http.ts'
import { each, judged, problemOf } from '../observe.ts'
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

const behind =
  'Caly asks for credentials itself: if it does not, a proxy in front adds some to every request, answers from a cache, or the code has changed'

const is401 = ({ status }: Answer): boolean => status === 401

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

/** Credentials. */
export const authenticationChecks = [
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
  check({
    id: 'authentication.keys-work',
    title: 'An API key lets its client in',
    why: 'A proxy that takes Authorization away leaves nobody in at all',
    fix: 'Let the proxy in front hand Authorization and X-API-Key through',
    ...{ api: [2], asvs: ['V7.2.1'], needs: ['keys'] },
    async run({ target, keys: { one } }) {
      const bearer = await target.once({ path: '/api/auth/me', credential: one })
      return [judged(bearer, bearer.status === 200)]
    },
  }),
  check({
    id: 'authentication.one-credential',
    title: 'A request with two credentials is refused',
    why: 'One part of the service could check the one, and another go by the other',
    fix: behind,
    ...{ api: [2], asvs: ['V6.3.4'], needs: ['keys'] },
    async run({ target, keys: { one, other } }) {
      const answer = await target.ask({
        path: '/api/auth/me',
        credential: one,
        headers: { 'x-api-key': other.secret },
      })
      return [
        judged(
          { ...answer, sent: `GET /api/auth/me with ${one.name} and ${other.name}` },
          is401(answer),
        ),
      ]
    },
  }),
  check({
    id: 'authentication.expired-keys',
    title: 'A key is refused from the moment on at which it ends',
    why: 'Keys are given an end because nobody remembers to revoke them',
    fix: 'Let the clocks of the service and of its database be set by the same source (NTP)',
    ...{ api: [2], asvs: ['V9.2.1'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one } }) {
      const answer = await target.ask({ path: '/api/auth/me', credential: one.expired })
      return [judged(answer, is401(answer))]
    },
  }),
  check({
    id: 'authentication.revoked-keys',
    title: 'A key is refused two seconds after it was revoked at the latest, on whichever replica',
    why: 'Who revokes a key that leaked counts on it',
    fix: 'Set DATABASE_LISTEN_URL to the database itself where DATABASE_URL is a pooler; see /health/detailed',
    ...{ api: [2], asvs: ['V8.3.2', 'V7.4.1'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one } }) {
      const body = JSON.stringify({ name: 'caly readiness', scopes: ['calls:read'] })
      const made = await target.ask({
        ...{ method: 'POST', path: '/api/keys', body, credential: one.key },
        headers: { 'content-type': 'application/json' },
      })
      const { id, key } = madeKey(made)
      const credential = { name: 'a key that was just made', secret: key }
      const before = await target.ask({ path: '/api/auth/me', credential })
      const path = `/api/keys/${id}`
      const revoked = await target.ask({ method: 'DELETE', path, credential: one.key })
      const after = await lastAnswer(target, credential)
      const told = { ...after, sent: `GET /api/auth/me with ${credential.name} and then revoked` }
      return [
        judged(made, made.status === 201),
        judged(before, before.status === 200),
        judged(revoked, revoked.status === 204),
        judged(told, is401(after)),
      ]
    },
  }),
  check({
    id: 'authentication.keys-shown-once',
    title: 'No list of keys shows a key, or what is kept of it',
    why: 'Whoever can look at the list could be any of the clients’ machines',
    fix: behind,
    ...{ api: [3], asvs: ['V15.3.1', 'V14.2.6'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one } }) {
      const answer = await target.ask({ path: '/api/keys', credential: one.key })
      const shows = /"(key|secret\w*|hash|\w+Hash)":/i.test(answer.body)
      const whole = [one.key, one.reader].some(({ secret }) => answer.body.includes(secret))
      return [judged(answer, answer.status === 200 && !shows && !whole)]
    },
  }),
  check({
    id: 'authentication.logins',
    title: 'A wrong password and an unknown e-mail are answered alike',
    why: 'Whoever can tell who has an account knows whose password to guess, and whom to write to',
    fix: behind,
    ...{ api: [2], asvs: ['V6.3.8'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one } }) {
      const [wrong, unknown] = [
        await login(target, one.email, randomUUID()),
        await login(target, `nobody-${randomUUID()}@readiness.invalid`, randomUUID()),
      ]
      const alike = withoutId(wrong) === withoutId(unknown)
      return [
        judged(wrong, is401(wrong) && problemOf(wrong)?.code === 'INVALID_CREDENTIALS'),
        judged(unknown, is401(unknown) && alike),
      ]
    },
  }),
  check({
    id: 'authentication.logout',
    title: 'A session ends with its logout, for the access token too',
    why: 'On a shared computer the next person would go on where the last one stopped',
    fix: 'Set DATABASE_LISTEN_URL to the database itself where DATABASE_URL is a pooler; see /health/detailed',
    ...{ api: [2], asvs: ['V7.4.1'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one } }) {
      const answer = await login(target, one.email, one.password)
      const { accessToken } = sessionOf(answer)
      const credential = { name: 'an access token', secret: accessToken }
      const before = await target.ask({ path: '/api/auth/me', credential })
      const out = await target.ask({ method: 'POST', path: '/api/auth/logout', credential })
      const after = await lastAnswer(target, credential)
      const told = { ...after, sent: 'GET /api/auth/me with an access token after its logout' }
      return [
        judged(answer, answer.status === 200),
        judged(before, before.status === 200),
        judged(out, out.status === 204),
        judged(told, is401(after)),
      ]
    },
  }),
] as const

/** Milliseconds within which every replica knows that a credential has ended. */
const knownWithin = 2000

/** What a credential that has ended is answered, once that is known or should be. */
async function lastAnswer(target: Target, credential: Credential): Promise<Answer> {
  const deadline = performance.now() + knownWithin
  for (;;) {
    const late = performance.now() > deadline
    const answer = await target.ask({ path: '/api/auth/me', credential })
    if (late || is401(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, knownWithin / 20))
  }
}

const login = (target: Target, email: string, password: string): Promise<Answer> =>
  target
    .ask({
      ...{ method: 'POST', path: '/api/auth/login', body: JSON.stringify({ email, password }) },
      headers: { 'content-type': 'application/json' },
    })
    .then((answer) => ({ ...answer, sent: 'POST /api/auth/login' }))

/** What differs between any two answers goes. */
const withoutId = ({ status, body }: Answer): string =>
  `${status} ${body.replace(/"requestId":"[^"]*"/, '')}`

const text = (answer: Answer, name: string): string =>
  new RegExp(`"${name}":"([^"]+)"`).exec(answer.body)?.[1] ?? ''

const madeKey = (answer: Answer) => ({ id: text(answer, 'id'), key: text(answer, 'key') })

const sessionOf = (answer: Answer) => ({ accessToken: text(answer, 'accessToken') })
