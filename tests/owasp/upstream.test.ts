/** What those may try on whom the service leans: the attempts are in a file for each risk. */
import { afterAll, setDefaultTimeout } from 'bun:test'
import { requestForgery } from './api7-server-side-request-forgery.ts'
import { unsafeConsumption } from './api10-unsafe-consumption-of-apis.ts'
import { openUpstream } from './upstream.ts'

setDefaultTimeout(120_000)

const stage = await openUpstream()
afterAll(() => stage.close())

requestForgery(stage)
unsafeConsumption(stage)
