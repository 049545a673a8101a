/** What refusals say, and what they keep to themselves. */
import { randomUUID } from 'node:crypto'
import { check } from '../check.ts'
import { field } from '../http.ts'
import { each, judged, problemOf } from '../observe.ts'
import { missing, posted, refusalsOf, wrongMethod } from './samples.ts'

/** What only comes out of the inside of a program. */
const internals =
  /\bat \S+ \(?\S+:\d+:\d+|node_modules|\.(ts|js|mjs):\d+|\/(usr|home|app|var|opt|root)\/|\b(SELECT|INSERT|UPDATE|DELETE) .{0,80}\b(FROM|INTO|SET)\b|\b(elysia|drizzle|postgres(ql)?|pglite|arktype|redis|Bun v|Deno)\b|(Type|Reference|Range|Syntax)Error\b/i

const ownAnswer =
  'Caly answers so by itself: let the proxy in front hand its answers through (nginx: proxy_intercept_errors off)'

/** Refusals. */
export const errorChecks = [
  check({
    id: 'errors.problem-details',
    title: 'Every refusal is a problem by RFC 9457, whose status is the answer’s',
    why: 'Clients that cannot tell refusals apart retry what they must not, or give up what they need not',
    fix: ownAnswer,
    ...{ api: [8], asvs: ['V16.5.1', 'V4.1.1'], needs: [] },
    run: async ({ target }) =>
      each(
        await refusalsOf(target),
        (answer) => problemOf(answer)?.status === answer.status && answer.status >= 400,
        'content-type',
      ),
  }),
  check({
    id: 'errors.request-id',
    title: 'Every refusal names the request id that its headers name',
    why: 'It is what a caller has in hand when they ask for help',
    fix: ownAnswer,
    ...{ api: [8], asvs: ['V16.2.1'], needs: [] },
    run: async ({ target }) =>
      each(
        await refusalsOf(target),
        (answer) => {
          const id = problemOf(answer)?.requestId
          return id !== undefined && id === field(answer, 'x-request-id')
        },
        'x-request-id',
      ),
  }),
  check({
    id: 'errors.no-internals',
    title: 'No refusal shows a stack, a statement, a path or a library',
    why: 'It is a map for whoever looks for a way in',
    fix: 'Run with NODE_ENV=production, behind no proxy that shows errors of its own; report it if it is Caly’s own',
    ...{ api: [8], asvs: ['V16.5.1', 'V13.4.2'], needs: [] },
    async run({ target }) {
      const odd = await Promise.all([
        target.ask({ path: '/api/%ff' }),
        target.ask({ path: '/api/calls?limit=%zz' }),
      ])
      return each(
        [...(await refusalsOf(target)), ...odd],
        ({ body }) => !internals.test(body),
        'content-type',
      )
    },
  }),
  check({
    id: 'errors.no-echo',
    title: 'No refusal repeats what was sent',
    why: 'Whoever makes somebody follow a link could put words, or a script, into this service’s mouth',
    fix: ownAnswer,
    ...{ api: [8], asvs: ['V1.2.1', 'V3.2.1'], needs: [] },
    async run({ target }) {
      const canary = `canary${randomUUID().replaceAll('-', '')}`
      const answers = await Promise.all([
        target.ask({ path: `/api/${canary}` }),
        target.ask({ path: `/api/calls?${canary}=${canary}` }),
        target.ask({ path: '/api/nowhere', headers: { referer: `https://${canary}.invalid` } }),
        target.ask(posted(`{"${canary}":"${canary}"}`)),
        target.ask(posted(canary)),
      ])
      return each(
        answers,
        ({ body, headers }) =>
          !body.includes(canary) &&
          ![...headers.values()].flat().some((value) => value.includes(canary)),
      )
    },
  }),
  check({
    id: 'errors.not-found',
    title: 'What is not there is answered 404',
    why: 'Where everything is answered 200, no scanner, monitor or client can tell what is there',
    fix: 'Let the proxy serve nothing of its own for unknown paths (a page that catches all)',
    ...{ api: [8, 9], asvs: [], needs: [] },
    run: async ({ target }) => [
      ...each([await target.once(missing)], ({ status }) => status === 404),
      ...each(
        [await target.ask({ path: '/readiness-nowhere.html' })],
        ({ status }) => status === 404,
      ),
    ],
  }),
  check({
    id: 'errors.methods',
    title: 'A method that a path does not take is refused with those that it takes',
    why: 'Methods that nobody thought of are where checks are forgotten',
    fix: ownAnswer,
    ...{ api: [8], asvs: ['V4.1.4'], needs: [] },
    async run({ target }) {
      const answers = [
        await target.once(wrongMethod),
        await target.ask({ method: 'PUT', path: '/api/calls' }),
      ]
      return each(
        answers,
        (answer) => answer.status === 405 && (field(answer, 'allow') ?? '').includes('GET'),
        'allow',
      )
    },
  }),
  check({
    id: 'errors.no-pages',
    title: 'No refusal is a page, whatever the caller would like to get',
    why: 'A page can have a script in it; and a client that expects JSON fails on it',
    fix: ownAnswer,
    ...{ api: [8], asvs: ['V3.2.1', 'V4.1.1'], needs: [] },
    async run({ target }) {
      const headers = { accept: 'text/html' }
      const answers = await Promise.all(
        ['/api/calls', '/api/nowhere', '/nowhere.html'].map((path) =>
          target.ask({ path, headers }),
        ),
      )
      return each(
        answers,
        (answer) => !/html/i.test(field(answer, 'content-type') ?? ''),
        'content-type',
      )
    },
  }),
  check({
    id: 'errors.no-files',
    title: 'No file of the deployment is served',
    why: 'Sources, settings and dumps hold secrets',
    fix: 'Serve nothing but Caly on this host: no document root in the proxy, no folder of the deployment',
    ...{ api: [8, 9], asvs: ['V13.4.1', 'V13.4.3', 'V13.4.7'], needs: [] },
    async run({ target }) {
      const paths = ['/.git/config', '/.env', '/package.json', '/src/config.ts', '/backup.sql']
      const answers = await Promise.all(paths.map((path) => target.ask({ path })))
      return answers.map((answer) => judged(answer, answer.status >= 400))
    },
  }),
] as const
