/** What holds for those who have credentials, and ends with these. */
import { randomUUID } from 'node:crypto'
import { check } from '../check.ts'
import type { Answer, Credential } from '../http.ts'
import { judged, problemOf } from '../observe.ts'
import type { Target } from '../target.ts'
import { behind, is401 } from './strangers.ts'

/** Credentials. */
export const credentialChecks = [
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
