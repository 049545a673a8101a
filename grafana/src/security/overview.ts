import type { Panel } from '../panel.ts'
import { duringRange, scraped } from '../promql.ts'
import { anyRequests, logins, refused, scanning } from './terms.ts'

/** What is seen at a glance. */
export const overviewPanels: readonly Panel[] = [
  {
    as: 'figure',
    title: 'Failed logins',
    unit: 'none',
    shows: 'Logins in the time shown that were refused.',
    act: 'far more than usual: see Logins for why, and Failed logins by address for who.',
    traces: { ...logins, tags: 'http.response.status_code=401' },
    bad: [50, 500],
    queries: [
      {
        expr: duringRange('caly_logins_total', '', `${scraped},caly_login_outcome="failure"`),
        legend: 'failed',
      },
    ],
  },
  {
    as: 'figure',
    title: 'Lockouts',
    unit: 'none',
    shows: 'Waits in the time shown that were imposed for too many failed logins.',
    act: 'see Lockouts below for whose accounts; tell them, and see the runbook of CalyBruteForce.',
    traces: logins,
    bad: [5, 50],
    queries: [{ expr: duringRange('caly_lockouts_total'), legend: 'lockouts' }],
  },
  {
    as: 'figure',
    title: 'Attacks',
    unit: 'none',
    shows: 'Requests in the time shown that looked like an attack.',
    act: 'a few a day are the noise of the internet. Many, or of one kind: see Attacks by address.',
    traces: refused(403),
    bad: [100, 1000],
    queries: [{ expr: duringRange('caly_anomalies_total'), legend: 'attacks' }],
  },
  {
    as: 'figure',
    title: 'Open vulnerabilities',
    unit: 'none',
    shows: 'Critical and high ones in installed packages that are not fixed and not ignored.',
    act: 'the table at the end names packages and what removes them.',
    traces: scanning,
    bad: [1, 5],
    queries: [
      {
        expr: `sum(max by (caly_vulnerability_severity) (caly_vulnerabilities_open{${scraped},caly_vulnerability_severity=~"critical|high"}))`,
        legend: 'open',
      },
    ],
  },
  {
    as: 'figure',
    title: 'Last scan',
    unit: 's',
    shows: 'How long ago the last complete scan ended.',
    act: 'more than two days: nobody knows what is open; see Scans.',
    traces: scanning,
    bad: [129_600, 172_800],
    queries: [{ expr: `min(caly_scan_age_seconds{${scraped}})`, legend: 'age' }],
  },
  {
    as: 'figure',
    title: 'Certificate',
    unit: 's',
    shows: 'How long the first certificate to expire is still valid. No data: a proxy has it.',
    act: 'below two weeks, renewal has failed: follow the runbook of CalyCertificateExpires.',
    traces: anyRequests,
    bad: [1_209_600, 172_800],
    queries: [{ expr: `min(caly_tls_certificate_remaining_seconds{${scraped}})`, legend: 'left' }],
  },
]
