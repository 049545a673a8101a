/** Who tries to get in, who asks too much, what attacks, and what holes are known? */
import type { Board } from './board.ts'
import { duringRange, perSecond, quantile, scraped } from './promql.ts'
import { label, variable } from './traces.ts'

const logins = { title: 'Traces of logins', operation: 'POST /api/auth/login' }
const refused = (status: number) => ({
  title: `Requests answered ${status}`,
  tags: `http.response.status_code=${status}`,
})
const scanning = { title: 'Traces of scans', operation: 'process scans.run' }
const requestsOf = { title: 'Requests' }

/** One row of the trail stands for as many events as it says in `suppressed`. */
const times = "sum(coalesce((details ->> 'suppressed')::bigint, 1))"
const findings =
  "array_to_string(array(SELECT DISTINCT jsonb_array_elements_text(details -> 'findings')), ', ')"

/** Logins, limits, attacks, the audit trail, vulnerabilities. */
export const security: Board = {
  uid: 'caly-security',
  title: 'Caly: Security',
  description:
    'Logins, limits, attacks, the audit trail and vulnerabilities. An attack: see what kind and from where under Attacks, open the trace_id of a row, and see under Requests of an address what else it did.',
  byTrace: true,
  rows: {
    'At a glance': [
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
        traces: requestsOf,
        bad: [1_209_600, 259_200],
        queries: [
          { expr: `min(caly_tls_certificate_remaining_seconds{${scraped}})`, legend: 'left' },
        ],
      },
    ],
    Logins: [
      {
        as: 'graph',
        title: 'Logins',
        unit: 'cps',
        shows: 'Logins a second by how they went.',
        act: '`unknown_user`: somebody tries lists of addresses. `wrong_password`: lists of passwords, or an old password in some program. `locked`: it is being stopped.',
        traces: logins,
        queries: [
          {
            expr: perSecond('caly_logins_total', 'caly_login_outcome, caly_login_reason'),
            legend: '{{caly_login_outcome}} {{caly_login_reason}}',
          },
        ],
        width: 12,
      },
      {
        as: 'graph',
        title: 'Lockouts',
        unit: 'cps',
        shows: 'Waits imposed a second: for one address, or for all that are new to an account.',
        act: '`account`: many addresses try one account; its owner gets in from known places only. Tell them to change the password if it was used elsewhere.',
        traces: logins,
        queries: [
          {
            expr: perSecond('caly_lockouts_total', 'caly_lockout_scope'),
            legend: '{{caly_lockout_scope}}',
          },
        ],
        width: 12,
      },
      {
        as: 'table',
        title: 'Failed logins by address',
        unit: 'none',
        shows: 'Where refused logins came from; the newest has its trace.',
        act: 'one address with many accounts: block it at the proxy. Many addresses with one account each: a botnet; lower RATE_LIMIT_AUTH for a while.',
        traces: { ...logins, tags: 'http.response.status_code=401' },
        width: 12,
        sql: `SELECT ip, ${times} AS failures, count(DISTINCT resource_id) AS accounts,
  max(created_at) AS last, (array_agg(trace_id ORDER BY created_at DESC))[1] AS trace_id
FROM audit_logs
WHERE $__timeFilter(created_at) AND event_type = 'LOGIN_FAILURE'
GROUP BY ip ORDER BY failures DESC LIMIT 20`,
      },
      {
        as: 'table',
        title: 'Lockouts',
        unit: 'none',
        shows:
          'Who has to wait after too many failed logins. Without an account: there is none of that name.',
        act: 'an honest owner waits, too, from new places: `caly users password` gives a new password, which ends the wait.',
        traces: logins,
        width: 12,
        sql: `SELECT created_at AS time, details ->> 'scope' AS scope, resource_id AS account, ip, trace_id
FROM audit_logs
WHERE $__timeFilter(created_at) AND event_type = 'ACCOUNT_LOCKED'
ORDER BY created_at DESC LIMIT 50`,
      },
    ],
    'Limits and refusals': [
      {
        as: 'graph',
        title: 'Refused by limits',
        unit: 'reqps',
        shows: 'Requests a second that were answered 429, by policy.',
        act: '`global`: one address floods; it is in Requests of an address. `api`: a client asks too often; tell it of Retry-After. `auth`: logins. `webhook`: the provider sends more than RATE_LIMIT_WEBHOOK.',
        traces: refused(429),
        queries: [
          {
            expr: perSecond(
              'caly_rate_limit_verdicts_total',
              'caly_rate_limit_policy',
              `${scraped},caly_rate_limit_allowed="false"`,
            ),
            legend: '{{caly_rate_limit_policy}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Judged by limits',
        unit: 'reqps',
        shows: 'Requests a second that a limit let through.',
        act: 'compare with what is refused: many of both is a flood, few of both a limit that is too low.',
        traces: requestsOf,
        queries: [
          {
            expr: perSecond(
              'caly_rate_limit_verdicts_total',
              'caly_rate_limit_policy',
              `${scraped},caly_rate_limit_allowed="true"`,
            ),
            legend: '{{caly_rate_limit_policy}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Limits shared',
        unit: 'none',
        shows:
          '1 while all replicas count together, 0 while Redis is away and each counts alone. No data: there is no REDIS_URL.',
        act: '0: see the log for why Redis is not reached. Until then a client gets its limit once a replica.',
        traces: requestsOf,
        queries: [{ expr: `caly_rate_limit_shared{${scraped}}`, legend: '{{instance}}' }],
      },
      {
        as: 'table',
        title: 'Newest refusals',
        unit: 'none',
        shows:
          'Who was refused what: no valid credentials, a missing scope, a limit, a wrong secret. A row may stand for many.',
        act: 'a key of ours in there was revoked or lacks a scope: its owner should know. Strangers: see what else the address did.',
        traces: refused(401),
        sql: `SELECT created_at AS time, event_type AS event, coalesce(details ->> 'reason', details ->> 'policy') AS reason,
  details ->> 'scope' AS scope, coalesce((details ->> 'suppressed')::bigint, 1) AS times,
  actor_type AS actor, ip, method, path, trace_id, request_id
FROM audit_logs
WHERE $__timeFilter(created_at) AND outcome = 'denied'
ORDER BY created_at DESC LIMIT 100`,
      },
    ],
    Attacks: [
      {
        as: 'graph',
        title: 'Attacks by kind',
        unit: 'cps',
        shows: 'Requests a second that looked like an attack, by kind.',
        act: 'a kind that your code could be open to: see in a trace which route and what came of it. `scanning` is somebody who looks around.',
        traces: {
          title: 'Traces of the kind',
          tags: `caly.anomaly.kind=${label('caly_anomaly_kind')}`,
        },
        width: 12,
        queries: [
          {
            expr: perSecond('caly_anomalies_total', 'caly_anomaly_kind'),
            legend: '{{caly_anomaly_kind}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'What was done about them',
        unit: 'cps',
        shows:
          'The same by what was done: seen only (monitor), refused for it (block), or refused anyway (refused).',
        act: 'much `monitor` that is no mistake: set ANOMALY_MODE=block. Honest requests in `block`: ANOMALY_EXCEPTIONS lets a route hold code.',
        traces: refused(403),
        width: 12,
        queries: [
          {
            expr: perSecond('caly_anomalies_total', 'caly_anomaly_action'),
            legend: '{{caly_anomaly_action}}',
          },
        ],
      },
      {
        as: 'table',
        title: 'Attacks by address',
        unit: 'none',
        shows:
          'Where requests that looked like attacks came from, what kinds, and on which routes; the newest has its trace.',
        act: 'block the address at the proxy. Was anything answered 2xx? Its trace has the queries that ran. Requests of an address tells what else it did.',
        traces: refused(403),
        sql: `SELECT ip, ${times} AS requests, string_agg(DISTINCT ${findings}, ', ') AS kinds,
  bool_and((details ->> 'blocked')::boolean) AS "all blocked",
  string_agg(DISTINCT path, ' ') AS routes, min(created_at) AS first, max(created_at) AS last,
  (array_agg(trace_id ORDER BY created_at DESC))[1] AS trace_id
FROM audit_logs
WHERE $__timeFilter(created_at) AND event_type = 'SECURITY_VIOLATION'
GROUP BY ip ORDER BY requests DESC LIMIT 30`,
      },
      {
        as: 'table',
        title: 'Requests of an address',
        unit: 'none',
        shows:
          'What the addresses that attacked, or were refused most, did: every event of them in the trail.',
        act: 'a LOGIN_SUCCESS or a change among them: somebody is in. End the sessions (disable the user), revoke the key, and keep the trail (GET /api/audit/export).',
        traces: requestsOf,
        sql: `WITH suspects AS (
  SELECT ip FROM audit_logs
  WHERE $__timeFilter(created_at) AND (outcome = 'denied' OR event_type IN ('SECURITY_VIOLATION', 'LOGIN_FAILURE'))
  GROUP BY ip ORDER BY ${times} DESC LIMIT 5
)
SELECT ip, event_type AS event, outcome, actor_type AS actor, path, ${times} AS times,
  max(created_at) AS last, (array_agg(trace_id ORDER BY created_at DESC))[1] AS trace_id
FROM audit_logs JOIN suspects USING (ip)
WHERE $__timeFilter(created_at)
GROUP BY ip, event_type, outcome, actor_type, path
ORDER BY ip, last DESC LIMIT 200`,
      },
    ],
    'The audit trail': [
      {
        as: 'table',
        title: 'Events of a trace',
        unit: 'none',
        shows:
          'What the request or job with the id in the field Trace, above, left in the trail. A trace_id in any table leads here.',
        act: 'the log has the lines of the same trace_id and request_id; a table leads to the trace itself.',
        traces: requestsOf,
        sql: `SELECT created_at AS time, event_type AS event, outcome, actor_type AS actor, actor_id, ip, method, path,
  resource_type AS of, resource_id, details, request_id, trace_id
FROM audit_logs
WHERE $__timeFilter(created_at) AND trace_id = ${variable('trace_id:sqlstring')}
ORDER BY created_at LIMIT 100`,
      },
      {
        as: 'events',
        title: 'Events by type',
        unit: 'none',
        shows: 'Events of the trail by type.',
        act: 'a type that jumps: the tables above and GET /api/audit have its rows. All gone: see Events that wait.',
        traces: requestsOf,
        sql: `SELECT $__timeGroupAlias(created_at, $__interval), event_type AS metric, ${times} AS events
FROM audit_logs
WHERE $__timeFilter(created_at)
GROUP BY 1, 2 ORDER BY 1`,
      },
      {
        as: 'events',
        title: 'Events by severity',
        unit: 'none',
        shows: 'Events of the trail from WARNING upward.',
        act: 'CRITICAL is a token that was used twice, a critical vulnerability, or a gap in the trail: read the row.',
        traces: requestsOf,
        sql: `SELECT $__timeGroupAlias(created_at, $__interval), severity AS metric, ${times} AS events
FROM audit_logs
WHERE $__timeFilter(created_at) AND severity IN ('WARNING', 'ERROR', 'CRITICAL')
GROUP BY 1, 2 ORDER BY 1`,
      },
      {
        as: 'table',
        title: 'What administrators did',
        unit: 'none',
        shows: 'Changes of users, keys, settings and of the trail itself.',
        act: 'one that nobody knows of: disable its user or revoke its key first, then ask.',
        traces: requestsOf,
        sql: `SELECT created_at AS time, event_type AS event, actor_type AS actor, actor_id, resource_type AS of, resource_id, ip, trace_id
FROM audit_logs
WHERE $__timeFilter(created_at) AND event_type IN ('CLIENT_CREATED', 'USER_CREATED', 'USER_UPDATED', 'USER_DISABLED', 'USER_ERASED', 'PASSWORD_CHANGED', 'API_KEY_GENERATED', 'API_KEY_REVOKED', 'CONFIG_CHANGED', 'DATABASE_MIGRATED', 'DATA_EXPORTED', 'AUDIT_ERASED', 'AUDIT_MONTH_DROPPED', 'AUDIT_EVENTS_DROPPED', 'KEYS_REENCRYPTED', 'SERVICE_STARTED')
ORDER BY created_at DESC LIMIT 100`,
      },
      {
        as: 'graph',
        title: 'Events by way',
        unit: 'cps',
        shows:
          'Events a second that ride in no transaction: to the database, or to the spool on disk while it is away.',
        act: '`spool`: the database does not take them; see Database. They follow by themselves once it does.',
        traces: requestsOf,
        queries: [
          {
            expr: perSecond('caly_audit_events_total', 'caly_audit_way'),
            legend: '{{caly_audit_way}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Events that wait',
        unit: 'none',
        shows: 'Events in memory that wait for their statement.',
        act: 'rising: the database is slow. What is only in memory a crash would lose.',
        traces: requestsOf,
        queries: [{ expr: `caly_audit_queue{${scraped}}`, legend: '{{instance}}' }],
      },
      {
        as: 'graph',
        title: 'Oldest event not in the database',
        unit: 's',
        shows: 'How long the oldest event has waited, in memory or in the spool.',
        act: 'above a minute the trail is behind: follow the runbook of CalyAuditLate.',
        traces: requestsOf,
        bad: [10, 60],
        queries: [{ expr: `caly_audit_queue_age_seconds{${scraped}}`, legend: '{{instance}}' }],
      },
      {
        as: 'graph',
        title: 'Spool',
        unit: 'bytes',
        shows:
          'Bytes of events on disk that wait for the database; AUDIT_SPOOL_BYTES (64 MiB) is the limit.',
        act: 'rising for as long as the database is away. Once full, requests that must leave an event are refused (AUDIT_ON_FULL).',
        traces: requestsOf,
        queries: [{ expr: `caly_audit_spool_size_bytes{${scraped}}`, legend: '{{instance}}' }],
      },
      {
        as: 'graph',
        title: 'Lost',
        unit: 'cps',
        shows:
          'Events a second that neither database nor spool took: dropped, or refused with their request.',
        act: 'any at all: follow the runbook of CalyAuditLost.',
        traces: refused(503),
        queries: [
          {
            expr: perSecond('caly_audit_lost_events_total', 'caly_audit_outcome'),
            legend: '{{caly_audit_outcome}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Time of a write',
        unit: 's',
        shows: 'The slowest twentieth of the statements that write events begins here (p95).',
        act: 'slow: the disk of Postgres, or too many indexes to keep; see Slowest queries (Database) for `INSERT audit_logs`.',
        traces: { title: 'Traces with the query', operation: 'INSERT audit_logs' },
        queries: [{ expr: quantile(0.95, 'caly_audit_flush_duration_seconds'), legend: 'p95' }],
      },
      {
        as: 'graph',
        title: 'Not yet sealed',
        unit: 's',
        shows: 'The age of the oldest row that no seal covers. Seals come every two seconds.',
        act: 'above five minutes: /health/detailed says what holds it up, as a rule a transaction that nobody ends.',
        traces: requestsOf,
        bad: [60, 300],
        queries: [{ expr: `max(caly_audit_seal_lag_seconds{${scraped}})`, legend: 'lag' }],
      },
    ],
    Vulnerabilities: [
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
    ],
  },
}
