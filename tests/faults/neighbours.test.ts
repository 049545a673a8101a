/** What clients see while Redis or the collector is gone: nothing. */
import { collectorGone } from './collector-gone.ts'
import { faultSuite } from './harness/suite.ts'
import { redisGone } from './redis-gone.ts'

faultSuite([
  [redisGone, 2000],
  [collectorGone, 2000],
])
