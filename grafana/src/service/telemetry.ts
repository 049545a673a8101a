import type { Panel } from '../panel.ts'
import { perSecond, quantile, scraped } from '../promql.ts'
import { label } from '../traces.ts'

/** Other services, the log and telemetry itself. */
export const telemetryPanels: readonly Panel[] = [
  {
    as: 'graph',
    title: 'Requests to others',
    unit: 'reqps',
    shows: 'Requests a second to other services (the provider, advisories), by host and status.',
    act: 'errors of the provider: Calls has its circuit and what waits. Click for the traces.',
    traces: {
      title: 'Traces of the host',
      tags: `server.address=${label('server_address')}`,
    },
    queries: [
      {
        expr: perSecond(
          'http_client_request_duration_seconds_count',
          'server_address, http_response_status_code, error_type',
        ),
        legend: '{{server_address}} {{http_response_status_code}} {{error_type}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Duration of requests to others',
    unit: 's',
    shows: 'The slowest twentieth begins here (p95), by host.',
    act: 'calls are placed later than they could be, no request waits for it. Tell the provider, with the times of a trace.',
    traces: {
      title: 'Traces of the host',
      tags: `server.address=${label('server_address')}`,
    },
    queries: [
      {
        expr: quantile(0.95, 'http_client_request_duration_seconds', 'server_address'),
        legend: '{{server_address}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Lines of the log lost',
    unit: 'cps',
    shows: 'Lines of the log a second that nobody took in time.',
    act: 'whatever reads the standard output hangs or is too slow. Requests go on; the audit trail is not part of it.',
    traces: { title: 'Requests' },
    queries: [
      { expr: perSecond('caly_log_dropped_lines_total', 'instance'), legend: '{{instance}}' },
    ],
  },
  {
    as: 'graph',
    title: 'Spans',
    unit: 'cps',
    shows:
      'Spans a second that were sent to the collector, and those that were dropped (with a cause).',
    act: '`queue_full`: Jaeger is slow or away. Traces have holes until it is back; nothing else is lost. See Complaints.',
    traces: { title: 'Requests' },
    queries: [
      {
        expr: perSecond('otel_sdk_processor_span_processed_total', 'error_type'),
        legend: 'processed {{error_type}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Spans that wait',
    unit: 'percentunit',
    shows: 'How full the queue of spans to the collector is.',
    act: 'filling up: Jaeger does not take them as fast. Once full, spans are dropped. A lower OTEL_TRACES_SAMPLER_ARG sends fewer.',
    traces: { title: 'Requests' },
    bad: [0.5, 0.9],
    queries: [
      {
        expr: `otel_sdk_processor_span_queue_size{${scraped}} / otel_sdk_processor_span_queue_capacity{${scraped}}`,
        legend: '{{instance}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Complaints of telemetry',
    unit: 'cps',
    shows: 'What the SDK of telemetry complained about, a second, by level.',
    act: 'the log has the words at LOG_LEVEL=debug. Mostly the collector that OTEL_EXPORTER_OTLP_ENDPOINT names is not reached.',
    traces: { title: 'Requests' },
    queries: [
      {
        expr: perSecond('caly_telemetry_complaints_total', 'caly_telemetry_level'),
        legend: '{{caly_telemetry_level}}',
      },
    ],
  },
]
