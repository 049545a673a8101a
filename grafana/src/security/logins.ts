import type { Panel } from '../panel.ts'
import { perSecond } from '../promql.ts'
import { logins, times } from './terms.ts'

/** Who comes in, who does not, and who has to wait. */
export const loginsPanels: readonly Panel[] = [
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
]
