import type { Fault } from './harness/fault.ts'

/** Redis dies, with every counter in it. */
export const redisGone: Fault = {
  name: 'Redis gone',
  begin: ({ redis }) => redis.kill(),
  end: ({ redis }) => redis.start(),
  serves: 'all',
  hurts: false,
  sign: { metric: 'caly_rate_limit_shared', is: 0 },
}
