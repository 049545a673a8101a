import type { Fault } from './harness/fault.ts'

/** Every process of PostgreSQL stands still: its sockets stay open, and say nothing. */
export const databasePaused: Fault = {
  name: 'database paused',
  begin: ({ cluster }) => cluster.pause(),
  end: ({ cluster }) => cluster.resume(),
  serves: ['index', 'live', 'refusal'],
  unready: true,
  sign: { metric: 'caly_audit_spool_size_bytes', is: 'up' },
}
