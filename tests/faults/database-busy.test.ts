/** What clients see while PostgreSQL is slow, held up or restarted, and that nothing is lost by it. */
import { faultSuite } from './harness/suite.ts'
import { databaseBusy } from './suites.ts'

faultSuite(databaseBusy)
