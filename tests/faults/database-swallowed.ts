import type { Fault } from './harness/fault.ts'

/** The network loses every byte and keeps connections open: those never work again. */
export const databaseSwallowed: Fault = {
  name: 'network to the database swallows everything',
  begin: ({ proxy }) => proxy.set('swallow'),
  end: ({ proxy }) => proxy.set('pass'),
  serves: ['index', 'live', 'refusal'],
  unready: true,
  sign: { metric: 'caly_audit_spool_size_bytes', is: 'up' },
}
