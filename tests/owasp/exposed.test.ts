/** What strangers may try against a service on the Internet: the attempts are in a file for each risk. */
import { afterAll, setDefaultTimeout } from 'bun:test'
import { authentication } from './api2-broken-authentication.ts'
import { resourceRates } from './api4-unrestricted-resource-consumption.ts'
import { businessFlows } from './api6-unrestricted-access-to-sensitive-business-flows.ts'
import { configuration } from './api8-security-misconfiguration.ts'
import { openExposed } from './exposed.ts'

setDefaultTimeout(120_000)

const stage = await openExposed()
afterAll(() => stage.close())

authentication(stage)
businessFlows(stage)
configuration(stage)
resourceRates(stage)
