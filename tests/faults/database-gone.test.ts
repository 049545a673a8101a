/** What clients see while PostgreSQL is gone or silent, and that nothing is lost by it. */
import { faultSuite } from './harness/suite.ts'
import { databaseGone } from './suites.ts'

faultSuite(databaseGone)
