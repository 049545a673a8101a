/** Express with helmet, express-rate-limit, pino and OpenTelemetry: what Caly replaces. */
const {
  ExpressInstrumentation,
  ExpressLayerType,
} = require('@opentelemetry/instrumentation-express')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { startTracing } = require('./tracing.cjs')

// One span a request, as the others make: none for a middleware.
startTracing([
  new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true }),
  new ExpressInstrumentation({ ignoreLayersType: Object.values(ExpressLayerType) }),
])

const { randomUUID } = require('node:crypto')
const express = require('express')
const { rateLimit } = require('express-rate-limit')
const helmet = require('helmet')
const pino = require('pino')
const pinoHttp = require('pino-http')
const { z } = require('zod')
const { problem, problemType, ...shared } = require('./shared.cjs')

const body = z.strictObject({
  to: z.string().regex(shared.phone),
  note: z.string().max(shared.noteLength).optional(),
})
const refuse = (request, response, status, title) =>
  response
    .status(status)
    .type(problemType)
    .send(JSON.stringify(problem(status, title, request.id)))

express()
  .disable('x-powered-by')
  .use(
    pinoHttp({
      logger: pino(pino.destination({ dest: 1, sync: false })),
      genReqId(_, response) {
        const id = randomUUID()
        response.setHeader('x-request-id', id)
        return id
      },
    }),
  )
  .use(helmet(shared.helmetOptions))
  .use((_, response, next) => {
    response.setHeader('permissions-policy', shared.permissionsPolicy)
    next()
  })
  .use(
    rateLimit({
      limit: shared.limit,
      windowMs: shared.window,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      handler: (request, response) => refuse(request, response, 429, 'Too Many Requests'),
    }),
  )
  .get('/', (_, response) => response.json(shared.index))
  .post('/echo', express.json({ limit: '1mb' }), (request, response) => {
    const { success, data } = body.safeParse(request.body)
    if (success) response.json(data)
    else refuse(request, response, 422, 'Unprocessable Content')
  })
  .use((request, response) => refuse(request, response, 404, 'Not Found'))
  .listen(shared.port, shared.hostname)
