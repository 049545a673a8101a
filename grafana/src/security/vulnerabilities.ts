import type { Panel } from '../panel.ts'
import { scraped } from '../promql.ts'
import { scanning } from './terms.ts'

/** What is known against installed packages, and when it was last looked for. */
export const vulnerabilitiesPanels: readonly Panel[] = [
  {
    as: 'graph',
    title: 'Open by severity',
    unit: 'none',
    shows: 'Known vulnerabilities in installed packages, not fixed and not ignored.',
    act: 'the table below has what removes them.',
    traces: scanning,
    queries: [
      {
        expr: `max by (caly_vulnerability_severity) (caly_vulnerabilities_open{${scraped}})`,
        legend: '{{caly_vulnerability_severity}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Found and fixed',
    unit: 'none',
    shows: 'Vulnerabilities that scans in the last day found new, and found gone.',
    act: 'found without a release: an advisory is new, and all who run this version have it too. Update today if it is critical.',
    traces: scanning,
    queries: [
      {
        expr: `sum(increase(caly_vulnerabilities_found_total{${scraped}}[1d]))`,
        legend: 'found',
      },
      {
        expr: `sum(increase(caly_vulnerabilities_fixed_total{${scraped}}[1d]))`,
        legend: 'fixed',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Scans',
    unit: 'none',
    shows: 'Scans of the last day, by how they ended.',
    act: '`incomplete`: a registry was not reached, or does not know a package: not clean. `failed`: the log has the error.',
    traces: scanning,
    queries: [
      {
        expr: `sum by (caly_scan_status) (increase(caly_scans_total{${scraped}}[1d]))`,
        legend: '{{caly_scan_status}}',
      },
    ],
  },
  {
    as: 'table',
    title: 'Open vulnerabilities',
    unit: 'none',
    shows: 'What is known against installed packages, the worst first, and what removes it.',
    act: 'do what `remedy` says, and deploy. What does not concern you can be ignored with a reason and a date: docs/scans.md.',
    traces: scanning,
    sql: `SELECT severity, package, version, fixed_in, advisory, title,
  remedy ->> 'package' || ' ' || (remedy ->> 'version') AS remedy,
  array_to_string(path, ' > ') AS "comes by", first_seen_at AS "first seen", url
FROM vulnerabilities
WHERE fixed_at IS NULL AND ignored IS NULL
ORDER BY array_position(ARRAY['critical', 'high', 'moderate', 'low', 'unknown'], severity), first_seen_at
LIMIT 200`,
  },
  {
    as: 'table',
    title: 'Newest scans',
    unit: 'none',
    shows: 'Scans, how they ended, and what was new and gone.',
    act: 'the last one long ago: is SCAN_SCHEDULE off? Many `failed`: `error` says why.',
    traces: scanning,
    sql: `SELECT started_at AS time, finished_at - started_at AS took, trigger, status, packages,
  (counts ->> 'critical')::int AS critical, (counts ->> 'high')::int AS high,
  new_findings AS new, fixed_findings AS fixed, error
FROM scans
ORDER BY started_at DESC LIMIT 20`,
  },
]
