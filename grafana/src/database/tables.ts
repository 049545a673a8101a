import type { Panel } from '../panel.ts'

/** What PostgreSQL itself says of its tables. */
export const tablesPanels: readonly Panel[] = [
  {
    as: 'table',
    title: 'Largest tables',
    unit: 'none',
    shows:
      'Tables with their indexes, rows (about), and rows that were deleted or changed and are not cleared away yet.',
    act: 'many dead rows that stay: an old transaction is open, or autovacuum is too slow. A table that grows without end: is its retention job done? (Jobs done: auth.retention, audit.upkeep, scans.upkeep)',
    traces: { title: 'Traces of retention', operation: 'process audit.upkeep' },
    units: { size: 'bytes', rows: 'short', dead: 'short' },
    sql: `SELECT schemaname || '.' || relname AS "table",
  pg_total_relation_size(relid) AS size,
  n_live_tup AS rows,
  n_dead_tup AS dead,
  greatest(last_vacuum, last_autovacuum) AS vacuumed
FROM pg_stat_user_tables
ORDER BY size DESC
LIMIT 20`,
  },
]
