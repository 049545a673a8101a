/** What clients see while PostgreSQL is slow, held up or restarted, and that nothing is lost by it. */
import { databaseRestarted } from './database-restarted.ts'
import { databaseSlow } from './database-slow.ts'
import { short } from './harness/stage.ts'
import { faultSuite } from './harness/suite.ts'
import { poolExhausted } from './pool-exhausted.ts'

faultSuite(
  [
    [poolExhausted(), 4000],
    [databaseRestarted, 300],
    [databaseSlow, 3000],
  ],
  { limits: short },
)
