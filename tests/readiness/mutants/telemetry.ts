import { answering, ownAnswer, withBody } from '../broken-proxy.ts'
import { configured, type Mutant, proxied } from '../mutant.ts'

/** A scrape, changed. */
const scraped = (what: string, reds: Mutant['reds'], change: (body: string) => string): Mutant =>
  proxied(what, reds, {
    answer: (bytes, request) =>
      request.startsWith('GET /metrics') ? withBody(bytes, change) : bytes,
  })

/** A scrape in which a figure is another than 0. */
export const withFigure = (what: string, red: Mutant['reds'][number], figure: RegExp): Mutant =>
  scraped(what, [red], (body) => body.replace(figure, '$13'))

/** What nobody gets to see. */
export const telemetryMutants: readonly Mutant[] = [
  configured('OTEL_SDK_DISABLED=on', ['telemetry.on'], { OTEL_SDK_DISABLED: 'on' }),
  configured('a METRICS_TOKEN that is typed by hand', ['telemetry.metrics-token'], {
    METRICS_TOKEN: 'prometheus-token',
  }),
  scraped('a scrape without the build', ['telemetry.scrape'], (body) =>
    body.replaceAll('caly_build_info', 'caly_other_info'),
  ),
  scraped('a scrape that is cut off', ['telemetry.openmetrics'], (body) =>
    body.replace('# EOF\n', ''),
  ),
  proxied('a service that makes series of paths', ['telemetry.labels'], () => {
    const paths = new Set<string>()
    return {
      answer(bytes, request) {
        paths.add(request.split(' ')[1] ?? '')
        return request.startsWith('GET /metrics')
          ? withBody(bytes, (body) => `# ${[...paths].join(' ')}\n${body}`)
          : bytes
      },
    }
  }),
  configured('traces that are sent nowhere', ['telemetry.traces'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: '',
  }),
  configured('OTEL_TRACES_SAMPLER=always_off', ['telemetry.sampling'], {
    OTEL_TRACES_SAMPLER: 'always_off',
  }),
  configured('LOG_LEVEL=debug', ['telemetry.log-level'], { LOG_LEVEL: 'debug' }),
  configured('LOG_FORMAT=pretty', ['telemetry.log-format'], { LOG_FORMAT: 'pretty' }),
  withFigure(
    'a service that lost lines of its log',
    'telemetry.no-losses',
    /^(caly_log_dropped_lines_total\S* )0$/m,
  ),
  proxied(
    'a service that falls over a wrong traceparent',
    ['telemetry.trace-context'],
    answering((bytes) => /^traceparent: x/im.test(bytes), ownAnswer('400 Bad Request', '')),
  ),
]
