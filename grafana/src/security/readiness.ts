import type { Panel } from '../panel.ts'
import { scraped } from '../promql.ts'
import { anyRequests } from './terms.ts'

/** What `caly readiness` found, whoever last ran it. */
export const readinessPanels: readonly Panel[] = [
  {
    as: 'figure',
    title: 'Ready',
    unit: 'percentunit',
    shows:
      'Checks that passed in the last run of `caly readiness`, of all. No data: it was never run.',
    act: 'the table beside it says what failed and how to mend it; what was skipped needs another way to run it.',
    traces: anyRequests,
    bad: [0.95, 0.9],
    queries: [{ expr: `min(caly_readiness_ratio{${scraped}})`, legend: 'ready' }],
  },
  {
    as: 'figure',
    title: 'Failed checks',
    unit: 'none',
    shows: 'Checks that failed in the last run of `caly readiness`.',
    act: 'follow the runbook of CalyReadinessFailed.',
    traces: anyRequests,
    bad: [1, 5],
    queries: [{ expr: `max(caly_readiness_failed_checks{${scraped}})`, legend: 'failed' }],
  },
  {
    as: 'figure',
    title: 'Last readiness run',
    unit: 's',
    shows: 'How long ago `caly readiness` was last run on this database.',
    act: 'longer ago than the last release: run it, best after each.',
    traces: anyRequests,
    bad: [2_592_000, 7_776_000],
    queries: [{ expr: `min(caly_readiness_age_seconds{${scraped}})`, legend: 'age' }],
  },
  {
    as: 'table',
    title: 'Not ready',
    unit: 'none',
    width: 12,
    shows: 'What failed in the last run of `caly readiness`, and how to mend it.',
    act: 'do what `fix` says, and run it again with `--only` and the id.',
    traces: anyRequests,
    sql: `SELECT created_at AS time, target, one ->> 'id' AS "check", one ->> 'received' AS received,
  one ->> 'why' AS why, one ->> 'fix' AS fix
FROM (SELECT * FROM readiness_runs ORDER BY id DESC LIMIT 1) AS run,
  jsonb_array_elements(run.checks) AS one
WHERE one ->> 'status' = 'fail'`,
  },
]
