/** What clients see when the process is asked to go, is killed, or meets a crowd that takes its time. */
import { testedRuntime } from '../support/process.ts'
import { faultSuite } from './harness/suite.ts'
import { processGoes, processGoesOnDeno } from './suites.ts'

faultSuite(testedRuntime === 'deno' ? processGoesOnDeno : processGoes)
