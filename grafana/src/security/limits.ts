import type { Panel } from '../panel.ts'
import { perSecond, scraped } from '../promql.ts'
import { anyRequests, refused } from './terms.ts'

/** Who asks more often than allowed, or for what is not theirs. */
export const limitsPanels: readonly Panel[] = [
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
    traces: anyRequests,
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
    traces: anyRequests,
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
]
