import type { Fault } from './harness/fault.ts'

/** PostgreSQL is stopped as for an update, which ends every session, and started again. */
export const databaseRestarted: Fault = {
  name: 'database restarted',
  begin: ({ cluster }) => cluster.stop('fast'),
  end: ({ cluster }) => cluster.start(),
  serves: ['index', 'live', 'refusal'],
  // Whoever waits for a connection may find the server back.
  hurts: false,
}
