import { caly } from 'caly'
import { Elysia, t } from 'elysia'

export const app = new Elysia()
  .use(caly({ rateLimit: { limit: 6 }, telemetry: { metricsToken: 'a-long-secret' } }))
  .get('/people/:id', ({ params, requestContext }) => `${params.id} ${requestContext.id.length}`)
  .post('/people', ({ body }) => body.name, { body: t.Object({ name: t.String() }) })
  .get('/broken', () => {
    throw new Error('password=hunter2')
  })
