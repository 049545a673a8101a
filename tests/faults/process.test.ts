/** What clients see when the process is asked to go, is killed, or meets a crowd that takes its time. */
import { testedRuntime } from '../support/process.ts'
import { databaseKilled } from './database-killed.ts'
import { faultSuite, type Lasting } from './harness/suite.ts'
import { killed } from './killed.ts'
import { slowClients } from './slow-clients.ts'
import { terminated } from './terminated.ts'

/** Of the database's faults one is tried under Deno too: the code is the same, the sockets are not. */
const others: readonly Lasting[] = testedRuntime === 'deno' ? [[databaseKilled, 2500]] : []

faultSuite([...others, [killed, 0], [terminated, 0], [slowClients(), 3000]])
