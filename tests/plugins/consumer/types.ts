/** Every plugin as its types say it, without a cast: this file is compiled, and not run. */

import { type } from 'arktype'
import { caly } from 'caly'
import { type AnomalyException, anomaly } from 'caly/anomaly'
import { audit, openTrail } from 'caly/audit'
import { bodyLimit } from 'caly/body-limit'
import { cors } from 'caly/cors'
import { type ProblemError, problemDetails } from 'caly/errors'
import { health } from 'caly/health'
import { overload } from 'caly/overload'
import { memoryStore, rateLimit } from 'caly/rate-limit'
import { type RequestContext, requestContext } from 'caly/request-context'
import { requestLog } from 'caly/request-log'
import { saneRequest } from 'caly/sane-request'
import { securityHeaders } from 'caly/security-headers'
import { telemetry } from 'caly/telemetry'
import { accepts, email } from 'caly/validation'
import { Elysia, t } from 'elysia'

/** Fails to compile where the two are not the same type. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false
const same = <_Is extends true>(): void => undefined

const exceptions: readonly AnomalyException[] = [{ route: '/login', place: 'body' }]
const trail = openTrail({ postgres: 'postgres://localhost/audit', encryptionKeys: ['00'] })

export const app = new Elysia()
  .use(requestContext({ proxies: { trusted: [] } }))
  .use(securityHeaders({ hstsMaxAge: 1 }))
  .use(saneRequest())
  .use(cors({ origins: ['*'] }))
  .use(overload())
  .use(bodyLimit({ limit: 1 }))
  .use(rateLimit({ store: memoryStore(), key: (request) => request.url }))
  .use(requestLog({ on: (level, { status }) => void [level, status] }))
  .use(anomaly({ exceptions }))
  .use(problemDetails({ onProblem: (problem: ProblemError) => void problem.code }))
  .use(health({ checks: { queue: async () => undefined } }))
  .use(telemetry({ serviceName: 'shop' }))
  .use(audit(trail))
  .get('/people/:id', ({ params, requestContext, audit }) => {
    same<Same<typeof params, { id: string }>>()
    same<Same<typeof requestContext, RequestContext>>()
    same<Same<ReturnType<typeof audit.close>, Promise<void>>>()
    void [requestContext, audit]
    return params.id
  })
  .post('/people', ({ body }) => body.name, { body: t.Object({ name: t.String() }) })
  .post('/mail', ({ body }) => body.mail, { body: accepts('body', type({ mail: email })) })

export const all = new Elysia({ prefix: '/api' })
  .use(caly({ audit: trail }))
  .get('/', ({ requestContext, request }) => [requestContext.id, request.url])

same<Same<(typeof all)['~Routes']['api']['get']['response'][200], string[]>>()
same<Same<(typeof app)['~Routes']['people']['post']['body'], { name: string }>>()
