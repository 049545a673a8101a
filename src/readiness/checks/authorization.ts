/** What one client can do to another, and a key beyond its scopes. */
import { randomUUID } from 'node:crypto'
import { check, type Observation } from '../check.ts'
import { type Answer, type Asked, type Credential, shown } from '../http.ts'
import { each, judged } from '../observe.ts'
import type { Target } from '../target.ts'

const change =
  'Caly keeps clients apart in every statement: if it does not, the code has changed. Stop the service, and report it'

const lists = ['/api/calls', '/api/keys', '/api/users', '/api/audit'] as const

const jsonType = { 'content-type': 'application/json' }

const idPattern = /"id":"([0-9a-f-]{36})"/g

const idsIn = ({ body }: Answer): string[] =>
  [...body.matchAll(idPattern)].map(([, id]) => id ?? '')

/** Two answers that must not tell apart what is another's and what is not there. */
async function alike(target: Target, theirs: Asked, nobodys: Asked): Promise<Observation[]> {
  const [answer, blank] = await Promise.all([target.ask(theirs), target.ask(nobodys)])
  const bare = ({ status, body }: Answer) => `${status} ${body.replace(/"requestId":"[^"]*"/, '')}`
  return [judged(answer, answer.status === 404 && bare(answer) === bare(blank))]
}

/** Clients. */
export const authorizationChecks = [
  check({
    id: 'authorization.lists',
    title: 'No list of a client shows anything of another’s',
    why: 'One customer would read with whom another speaks',
    fix: change,
    ...{ api: [1], asvs: ['V8.2.2', 'V8.4.1'], needs: ['keys'] },
    async run({ target, keys: { one, other } }) {
      const tried = await Promise.all(
        lists.map(async (path): Promise<Observation | undefined> => {
          const [mine, theirs] = await Promise.all(
            [one, other].map((credential) => target.once({ path, credential })),
          )
          if (mine?.status !== 200 || theirs?.status !== 200) return undefined
          const own = new Set(idsIn(mine))
          const both = idsIn(theirs).filter((id) => own.has(id))
          return judged(theirs, both.length === 0)
        }),
      )
      const seen = tried.filter((observation) => observation !== undefined)
      return seen.length > 0 ? seen : { missing: 'two keys that may read calls, or more' }
    },
  }),
  check({
    id: 'authorization.calls',
    title: 'A call of another client is answered like one that is not there',
    why: 'Whoever guesses or finds an id would read who called whom; and from 403 they would know that it is one',
    fix: change,
    ...{ api: [1], asvs: ['V8.2.2', 'V8.4.1'], needs: ['keys'] },
    async run({ target, keys: { one, other } }) {
      const [id] = idsIn(await target.once({ path: '/api/calls', credential: other }))
      if (id === undefined) return { missing: 'a call of the client of CALY_READINESS_OTHER_KEY' }
      const path = (of: string) => ({ path: `/api/calls/${of}`, credential: one })
      return await alike(target, path(id), path(randomUUID()))
    },
  }),
  check({
    id: 'authorization.changes',
    title: 'What is another client’s can be neither changed nor deleted',
    why: 'One customer could erase what another needs, or revoke its keys',
    fix: change,
    ...{ api: [1], asvs: ['V8.2.2', 'V8.4.1'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one, other } }) {
      const credential = one.key
      const call = `/api/calls/${other.callId}`
      const changes: readonly Asked[] = [
        { method: 'PATCH', path: call, headers: jsonType, body: '{"notes":"x"}', credential },
        { method: 'DELETE', path: call, credential },
        { method: 'GET', path: `${call}/recording`, credential },
        { method: 'DELETE', path: `/api/keys/${other.key.id}`, credential },
      ]
      const answers = await Promise.all(changes.map((request) => target.ask(request)))
      const still = await target.ask({ path: call, credential: other.key })
      return [
        ...each(answers, ({ status }) => status === 404),
        judged(still, still.status === 200 && still.body.includes('"notes":null')),
      ]
    },
  }),
  check({
    id: 'authorization.scopes',
    title: 'A key does nothing that its scopes do not say, whatever is sent with it',
    why: 'A key that may only read would place calls at your cost once it leaks',
    fix: change,
    ...{ api: [5], asvs: ['V8.2.1'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one } }) {
      const posts = ['/api/calls', '/api/users'].map(
        (path): Asked => ({ method: 'POST', path, headers: jsonType, body: '{}' }),
      )
      const gets = ['/api/users', '/api/audit', '/api/audit/export'].map(
        (path): Asked => ({ path }),
      )
      return await forbidden(target, one.reader, [...posts, ...gets])
    },
  }),
  check({
    id: 'authorization.platform',
    title: 'What is about the service itself is not for its clients',
    why: 'A customer would see how the whole service is doing, and which holes its packages have',
    fix: change,
    ...{ api: [5], asvs: ['V8.2.1', 'V13.4.5'], needs: ['guests'], intrusive: true },
    run: ({ target, guests: { one } }) =>
      forbidden(
        target,
        one.key,
        [
          '/metrics',
          '/health/detailed',
          '/health/metrics',
          '/api/scans',
          '/api/vulnerabilities',
        ].map((path) => ({ path })),
      ),
  }),
  check({
    id: 'authorization.escalation',
    title: 'A key makes no key that may do more than itself',
    why: 'One small key would be enough to become everything',
    fix: change,
    ...{ api: [3, 5], asvs: ['V8.2.1', 'V8.3.1'], needs: ['guests'], intrusive: true },
    run: ({ target, guests: { one } }) =>
      forbidden(
        target,
        one.reader,
        ['calls:write', 'users:write', 'ops:read'].map((scope) => ({
          ...{ method: 'POST', path: '/api/keys', headers: jsonType },
          body: JSON.stringify({ name: 'caly readiness', scopes: [scope] }),
        })),
      ),
  }),
  check({
    id: 'authorization.cursors',
    title: 'A cursor of another client’s list leads nowhere',
    why: 'What marks a place in a list must not be a way into it',
    fix: change,
    ...{ api: [1], asvs: ['V8.2.2', 'V8.4.1'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one, other } }) {
      const list = '/api/audit?limit=1'
      const theirs = await target.ask({ path: list, credential: other.key })
      const cursor = /"nextCursor":"([^"]+)"/.exec(theirs.body)?.[1]
      const path = `${list}&cursor=${cursor}`
      const answer = await target.ask({ path, credential: one.key })
      const told = { ...answer, sent: shown(`GET ${list}&cursor=… with ${one.key.name}`) }
      return [
        judged(theirs, theirs.status === 200 && cursor !== undefined),
        judged(told, answer.status === 422),
      ]
    },
  }),
] as const

async function forbidden(target: Target, credential: Credential, requests: readonly Asked[]) {
  const answers = await Promise.all(
    requests.map((request) => target.ask({ ...request, credential })),
  )
  return each(answers, ({ status }) => status === 403)
}
