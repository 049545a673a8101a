/** What clients of one service may try against each other: the attempts are in a file for each risk. */
import { afterAll, setDefaultTimeout } from 'bun:test'
import { objectLevelAuthorization } from './api1-broken-object-level-authorization.ts'
import { propertyLevelAuthorization } from './api3-broken-object-property-level-authorization.ts'
import { resourceSizes } from './api4-unrestricted-resource-consumption.ts'
import { functionLevelAuthorization } from './api5-broken-function-level-authorization.ts'
import { inventory } from './api9-improper-inventory-management.ts'
import { errorDetail } from './error-detail.ts'
import { openTenants } from './tenants.ts'

setDefaultTimeout(120_000)

const stage = await openTenants()
afterAll(() => stage.close())

objectLevelAuthorization(stage)
propertyLevelAuthorization(stage)
resourceSizes(stage)
functionLevelAuthorization(stage)
errorDetail(stage)
inventory(stage)
