/** Which query is slow, who waits for a connection, and what work waits to be done? */
import type { Board } from '../board.ts'
import { jobsPanels } from './jobs.ts'
import { poolPanels } from './pool.ts'
import { queriesPanels } from './queries.ts'
import { tablesPanels } from './tables.ts'

/** PostgreSQL as Caly sees it: pool, queries, jobs, tables. */
export const database: Board = {
  uid: 'caly-database',
  title: 'Caly: Database',
  description:
    'The pool, the queries by what they are, the jobs that wait, and the tables. A slow query: find it under Slowest queries, click it, and read its text in the trace.',
  rows: {
    'The pool': poolPanels,
    Queries: queriesPanels,
    Jobs: jobsPanels,
    'Tables (from PostgreSQL)': tablesPanels,
  },
}
