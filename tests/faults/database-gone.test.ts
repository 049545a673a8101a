/** What clients see while PostgreSQL is gone or silent, and that nothing is lost by it. */
import { databaseKilled } from './database-killed.ts'
import { databasePaused } from './database-paused.ts'
import { databaseSwallowed } from './database-swallowed.ts'
import { short } from './harness/stage.ts'
import { faultSuite } from './harness/suite.ts'

faultSuite(
  [
    [databaseKilled, 2500],
    [databasePaused, 4000],
    [databaseSwallowed, 4000],
  ],
  { limits: short },
)
