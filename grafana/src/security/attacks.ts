import type { Panel } from '../panel.ts'
import { perSecond } from '../promql.ts'
import { label } from '../traces.ts'
import { anyRequests, refused, times } from './terms.ts'

const findings =
  "array_to_string(array(SELECT DISTINCT jsonb_array_elements_text(details -> 'findings')), ', ')"

/** What attacks, from where, and what came of it. */
export const attacksPanels: readonly Panel[] = [
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
    traces: anyRequests,
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
]
