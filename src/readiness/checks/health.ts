/** What probes and operators are told. */
import { version } from '../../version.ts'
import { check, looked } from '../check.ts'
import { type Answer, field } from '../http.ts'
import { each, judged } from '../observe.ts'
import type { Target } from '../target.ts'
import { index } from './samples.ts'

const probes = ['/health/live', '/health/ready'] as const

const through =
  'Let the proxy in front hand probes through as they are, or let them ask the service itself'

/** An address as probes of an orchestrator write it. */
const podAddress = '10.255.255.1'

/** Milliseconds within which a probe has to have its answer. */
const probePatience = 1000

/** Health. */
export const healthChecks = [
  check({
    id: 'health.live',
    title: 'The process says that it is alive',
    why: 'Whoever watches over it would restart it again and again',
    fix: through,
    ...{ api: [8], asvs: ['V16.5.2'], needs: [] },
    async run({ target }) {
      const answer = await target.ask({ path: '/health/live' })
      return [judged(answer, answer.status === 200 && answer.body === '{"status":"pass"}')]
    },
  }),
  check({
    id: 'health.ready',
    title: 'The service says that it is ready',
    why: 'A load balancer sends it nothing',
    fix: 'GET /health/detailed as an operator: each check has its reason',
    ...{ api: [8], asvs: ['V16.5.2'], needs: [] },
    async run({ target }) {
      const answer = await target.ask({ path: '/health/ready' })
      return [
        judged(answer, answer.status === 200 && /^\{"status":"(pass|warn)"/.test(answer.body)),
      ]
    },
  }),
  check({
    id: 'health.soon',
    title: 'Probes have their answer within a second',
    why: 'A probe that waits longer counts as failed, and the service is restarted while it is merely busy',
    fix: 'Give the process CPU time; let no proxy queue probes behind other requests',
    ...{ api: [4], asvs: ['V16.5.2'], needs: [] },
    run: async ({ target }) =>
      Promise.all(
        probes.map(async (path) => {
          const first = await timed(target, path)
          // What takes long twice is no moment in which the machine had other things to do.
          const { took, answer } = first.took < probePatience ? first : await timed(target, path)
          return looked(answer.sent, `${took} ms`, answer.status < 500 && took < probePatience)
        }),
      ),
  }),
  check({
    id: 'health.any-host',
    title: 'Probes are answered whatever host they name',
    why: 'Orchestrators ask by address: they would take a service for dead that is well',
    fix: through,
    ...{ api: [8], asvs: ['V16.5.2'], needs: [] },
    run: async ({ target }) =>
      each(
        await Promise.all(
          probes.map((path) => target.ask({ path, headers: { host: podAddress } })),
        ),
        ({ status }) => status === 200,
      ),
  }),
  check({
    id: 'health.fresh',
    title: 'No answer to a probe comes from a cache',
    why: 'It would say that all is well for as long as it is kept',
    fix: 'Let no cache or CDN answer below /health',
    ...{ api: [8], asvs: ['V14.3.2'], needs: [] },
    async run({ target }) {
      const answers = [await target.ask({ path: '/health/ready' })]
      const again = await target.ask({ path: '/health/ready' })
      const ids = new Set([...answers, again].map((answer) => field(answer, 'x-request-id')))
      return [
        judged(again, ids.size === 2, 'x-request-id', 'age'),
        judged(again, !again.headers.has('age') && !/max-age=[1-9]/.test(cacheOf(again)), 'age'),
      ]
    },
  }),
  check({
    id: 'health.quiet',
    title: 'Probes tell strangers nothing of the inside',
    why: 'Versions, addresses and figures are a map for whoever looks for a way in',
    fix: 'Caly tells them to operators alone: if it does not, the code has changed',
    ...{ api: [8], asvs: ['V13.4.6', 'V13.4.5'], needs: [] },
    run: async ({ target }) =>
      each(
        await Promise.all(probes.map((path) => target.ask({ path }))),
        ({ body }) => !/version|runtime|pool|uptime|postgres|redis:|\d+\.\d+\.\d+/i.test(body),
      ),
  }),
  check({
    id: 'health.nothing-wrong',
    title: 'Nothing warns',
    why: 'What only warns today is what stops the service tomorrow: a seal that waits, a limit that each replica counts alone',
    fix: 'The reason is in what was received, and in /health/detailed',
    ...{ api: [8], asvs: ['V16.5.2'], needs: ['metricsToken'] },
    async run({ target, metricsToken: credential }) {
      const answer = await target.once({ path: '/health/detailed', credential })
      // The event loop is late whenever a machine is busy: no fault of how it was set up.
      const wrong = [
        ...answer.body.matchAll(/"(?!eventLoop)(\w+)":\{"status":"(?:warn|fail)"[^}]*/g),
      ]
      const told = wrong.map(([text]) => text.replaceAll(/[{"]/g, '')).join('; ')
      return [
        judged(answer, answer.status === 200 && answer.body.includes('"checks"')),
        looked(answer.sent, told || 'nothing', wrong.length === 0),
      ]
    },
  }),
  check({
    id: 'health.version',
    title: 'The service that runs is of the version that looks at it',
    why: 'What was mended in a release still is not, where an older one goes on',
    fix: 'Deploy this version, or run this command with that of the service',
    ...{ api: [9], asvs: ['V15.2.1'], needs: ['config'] },
    async run({ target }) {
      const { body, sent } = await target.once(index)
      const found = /"version":"([^"]*)"/.exec(body)?.[1] ?? 'none'
      return [looked(`${sent}: version, here ${version}`, found, found === version)]
    },
  }),
] as const

async function timed(target: Target, path: string) {
  const began = performance.now()
  const answer = await target.ask({ path })
  return { answer, took: Math.round(performance.now() - began) }
}

const cacheOf = (answer: Answer): string => field(answer, 'cache-control') ?? ''
