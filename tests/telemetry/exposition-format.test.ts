import { describe, expect, test } from 'bun:test'
import { expositionFormat } from '../../telemetry/exposition/format.ts'

describe('OpenMetrics goes to', () => {
  const headers = {
    'Prometheus 2.42':
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'Prometheus 3':
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    'Prometheus 3 that would rather have protobuf':
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    'one who names no version': 'application/openmetrics-text',
    'one who writes it in capitals, with spaces':
      'Application/OpenMetrics-Text ; Version=1.0.0 ; Q=0.9',
    'one who would take text as gladly as anything': 'application/openmetrics-text, */*',
  }
  for (const [who, accept] of Object.entries(headers))
    test(who, () => expect(expositionFormat(accept)).toBe('openmetrics'))
})

describe("Prometheus' text format goes to", () => {
  const headers = {
    'one who has no wish': undefined,
    'one who has an empty wish': '',
    'one who takes anything (curl)': '*/*',
    'a browser': 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'one who likes text better':
      'application/openmetrics-text;q=0.4,text/plain;version=0.0.4;q=0.5',
    'one who likes any text better': 'application/openmetrics-text;q=0.4,text/*',
    'one who rules OpenMetrics out': 'application/openmetrics-text;q=0,*/*',
    'one who knows another OpenMetrics only':
      'application/openmetrics-text;version=0.0.1,*/*;q=0.1',
    'one whose weight is no number': 'application/openmetrics-text;q=high',
    'one whose wish cannot be met': 'application/json',
    'one whose list is too long': `${'a/b,'.repeat(100)}application/openmetrics-text`,
  }
  for (const [who, accept] of Object.entries(headers))
    test(who, () => expect(expositionFormat(accept)).toBe('text'))
})
