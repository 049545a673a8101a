import type { Fault } from './harness/fault.ts'

/** Every process of PostgreSQL dies at once, and is started again. */
export const databaseKilled: Fault = {
  name: 'database killed',
  begin: ({ cluster }) => cluster.kill(),
  end: ({ cluster }) => cluster.start(),
  serves: ['index', 'live', 'refusal'],
  unready: true,
  sign: { metric: 'caly_audit_spool_size_bytes', is: 'up' },
}
