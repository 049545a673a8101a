import type { Panel } from '../panel.ts'
import { perSecond, quantile, scraped } from '../promql.ts'
import { variable } from '../traces.ts'
import { anyRequests, refused, times } from './terms.ts'

/** The audit trail: what is in it, what waits, what is sealed. */
export const trailPanels: readonly Panel[] = [
  {
    as: 'table',
    title: 'Events of a trace',
    unit: 'none',
    shows:
      'What the request or job with the id in the field Trace, above, left in the trail. A trace_id in any table leads here.',
    act: 'the log has the lines of the same trace_id and request_id; a table leads to the trace itself.',
    traces: anyRequests,
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
    traces: anyRequests,
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
    traces: anyRequests,
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
    traces: anyRequests,
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
    traces: anyRequests,
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
    traces: anyRequests,
    queries: [{ expr: `caly_audit_queue{${scraped}}`, legend: '{{instance}}' }],
  },
  {
    as: 'graph',
    title: 'Oldest event not in the database',
    unit: 's',
    shows: 'How long the oldest event has waited, in memory or in the spool.',
    act: 'above a minute the trail is behind: follow the runbook of CalyAuditLate.',
    traces: anyRequests,
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
    traces: anyRequests,
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
    traces: anyRequests,
    bad: [60, 300],
    queries: [{ expr: `max(caly_audit_seal_lag_seconds{${scraped}})`, legend: 'lag' }],
  },
]
