/** Whether somebody will see what goes wrong. */
import { randomUUID } from 'node:crypto'
import { check, looked } from '../check.ts'
import { field } from '../http.ts'
import { judged } from '../observe.ts'
import { metricsOf } from './metrics.ts'

/** Characters of a token that nobody guesses. */
const leastToken = 20

/** Telemetry. */
export const telemetryChecks = [
  check({
    id: 'telemetry.on',
    title: 'Telemetry is on',
    why: 'Without it nobody sees what goes wrong before a customer says so',
    fix: 'Leave OTEL_SDK_DISABLED out',
    ...{ api: [8], asvs: ['V16.3.4'], needs: ['config'] },
    run: ({ config: { telemetry } }) => [
      looked('OTEL_SDK_DISABLED', telemetry.disabled ? 'on' : 'off', !telemetry.disabled),
    ],
  }),
  check({
    id: 'telemetry.metrics-token',
    title: 'Scrapers have a token of their own, that nobody guesses',
    why: 'Without one nobody scrapes, or every scraper has a key that may do more',
    fix: 'Set METRICS_TOKEN (openssl rand -hex 24), and give it to Prometheus as its bearer',
    ...{ api: [2, 8], asvs: ['V13.2.1', 'V13.2.3'], needs: ['config'] },
    run({ config: { metricsToken } }) {
      const length = metricsToken?.length ?? 0
      return [looked('METRICS_TOKEN', `${length} characters`, length >= leastToken)]
    },
  }),
  check({
    id: 'telemetry.scrape',
    title: 'A scrape gets the metrics that the alarms go by',
    why: 'An alarm over a figure that is not there never fires',
    fix: 'Leave OTEL_SDK_DISABLED out, and let the proxy hand Authorization through',
    ...{ api: [8], asvs: ['V16.2.4'], needs: ['metricsToken'] },
    async run({ target, metricsToken }) {
      const { answer, sum } = await metricsOf(target, metricsToken)
      return [
        judged(answer, answer.status === 200, 'content-type'),
        sum('caly_build_info', (value) => value === 1),
        sum('http_server_request_duration_seconds_count', (value) => value > 0),
        sum('process_uptime_seconds', (value) => value > 0),
      ]
    },
  }),
  check({
    id: 'telemetry.openmetrics',
    title: 'A scrape comes whole',
    why: 'A proxy that cuts long answers would hide the last of the metrics',
    fix: 'Let the proxy in front limit no answer, or let Prometheus ask the service itself',
    ...{ api: [8], asvs: ['V16.2.4'], needs: ['metricsToken'] },
    async run({ target, metricsToken }) {
      const answer = await target.ask({
        path: '/metrics',
        credential: metricsToken,
        headers: { accept: 'application/openmetrics-text; version=1.0.0' },
      })
      const whole = answer.body.endsWith('# EOF\n')
      return [judged(answer, answer.status === 200 && whole, 'content-type')]
    },
  }),
  check({
    id: 'telemetry.labels',
    title: 'No client makes a series, or gets its words into one',
    why: 'Whoever asks for a million paths would fill the memory of this service and of Prometheus',
    fix: 'Caly has templates of routes alone: if it has more, the code has changed',
    ...{ api: [4], asvs: ['V16.4.1'], needs: ['metricsToken'] },
    async run({ target, metricsToken }) {
      const canary = `canary${randomUUID().slice(0, 8)}`
      await target.ask({ path: `/${canary}?${canary}`, headers: { 'user-agent': canary } })
      const answer = await target.ask({ path: '/metrics', credential: metricsToken })
      return [judged(answer, answer.status === 200 && !answer.body.includes(canary))]
    },
  }),
  check({
    id: 'telemetry.traces',
    title: 'Traces are sent somewhere',
    why: 'A slow or failed request cannot be followed to what made it so',
    fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT to a collector, and leave OTEL_TRACES_EXPORTER out',
    ...{ api: [8], asvs: ['V16.4.3'], needs: ['config'] },
    run: ({ config: { telemetry } }) => [
      looked(
        'OTEL_EXPORTER_OTLP_ENDPOINT',
        telemetry.exportTraces ? 'set' : 'none',
        telemetry.exportTraces,
      ),
    ],
  }),
  check({
    id: 'telemetry.sampling',
    title: 'Some traces are kept, at the least one in a thousand',
    why: 'Sampling that keeps nothing is no tracing',
    fix: 'Leave OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG out, or set a share of 0.001 or more',
    ...{ api: [8], asvs: ['V16.2.4'], needs: ['config'] },
    run({ config: { telemetry } }) {
      const { sampler, samplerRatio } = telemetry
      const none = sampler.endsWith('always_off')
      const few = sampler.endsWith('traceidratio') && samplerRatio < 0.001
      return [looked('OTEL_TRACES_SAMPLER', `${sampler} ${samplerRatio}`, !none && !few)]
    },
  }),
  check({
    id: 'telemetry.log-level',
    title: 'The log says what happens, and not what is for debugging',
    why: 'At warn and silent nobody can tell what a client did; debug costs room and says more than is good',
    fix: 'Set LOG_LEVEL=info, or leave it out',
    ...{ api: [8], asvs: ['V16.2.5', 'V13.4.2'], needs: ['config'] },
    run: ({ config: { log } }) => [looked('LOG_LEVEL', log.level, log.level === 'info')],
  }),
  check({
    id: 'telemetry.log-format',
    title: 'The log is lines of JSON',
    why: 'What collects logs cannot find a request in lines for people',
    fix: 'Set LOG_FORMAT=json, or leave it out where the log is no terminal',
    ...{ api: [8], asvs: ['V16.2.4'], needs: ['config'] },
    run: ({ config: { log } }) => [
      looked('LOG_FORMAT', log.format ?? 'json', log.format !== 'pretty'),
    ],
  }),
  check({
    id: 'telemetry.no-losses',
    title: 'No line of the log was lost since the service runs',
    why: 'What is lost is what happened while something was wrong',
    fix: 'Let whatever reads the log keep up: it is dropped rather than that requests wait for it',
    ...{ api: [8], asvs: ['V16.3.4'], needs: ['metricsToken'] },
    async run({ target, metricsToken }) {
      const { sum } = await metricsOf(target, metricsToken)
      return [sum('caly_log_dropped_lines_total', (lost) => lost === 0)]
    },
  }),
  check({
    id: 'telemetry.trace-context',
    title: 'A trace that a client begins goes on, and only where it is one',
    why: 'Callers could not follow their requests; or a wrong header would have one refused',
    fix: 'Let the proxy in front hand traceparent through',
    ...{ api: [8], asvs: ['V16.2.4'], needs: [] },
    async run({ target }) {
      const values = [
        '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        '00-00000000000000000000000000000000-0000000000000000-01',
        'x'.repeat(500),
      ]
      const answers = await Promise.all(
        values.map((traceparent) => target.ask({ path: '/api', headers: { traceparent } })),
      )
      return answers.map((answer) =>
        judged(answer, answer.status === 200 && field(answer, 'content-type') !== undefined),
      )
    },
  }),
] as const
