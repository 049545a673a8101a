/** Fastify with its official plugins: helmet, rate limit, pino and OpenTelemetry. */
const { FastifyOtelInstrumentation } = require('@fastify/otel')
const { startTracing } = require('./tracing.cjs')

// One span a request, as the others make: none for a hook or a handler.
const instrumentation = new FastifyOtelInstrumentation({
  registerOnInitialization: true,
  instrumentHooks: false,
  instrumentHandler: false,
})
startTracing([instrumentation])

const { randomUUID } = require('node:crypto')
const fastify = require('fastify')
const helmet = require('@fastify/helmet')
const rateLimit = require('@fastify/rate-limit')
const pino = require('pino')
const { problem, problemType, ...shared } = require('./shared.cjs')

const titles = { 404: 'Not Found', 422: 'Unprocessable Content', 429: 'Too Many Requests' }
const refuse = (request, reply, status) =>
  reply
    .code(status)
    .type(problemType)
    .send(JSON.stringify(problem(status, titles[status] ?? 'Error', request.id)))

const body = {
  type: 'object',
  additionalProperties: false,
  required: ['to'],
  properties: {
    to: { type: 'string', pattern: shared.phone.source },
    note: { type: 'string', maxLength: shared.noteLength },
  },
}

async function serve() {
  const app = fastify({
    loggerInstance: pino(pino.destination({ dest: 1, sync: false })),
    // Its own two lines a request are off: the hook below writes one, as the others do.
    logController: new fastify.LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    // Unknown members are refused, not dropped.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('permissions-policy', shared.permissionsPolicy)
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({ req: request, res: reply, responseTime: reply.elapsedTime }, 'request')
  })
  await app.register(helmet, shared.helmetOptions)
  await app.register(rateLimit, {
    max: shared.limit,
    timeWindow: shared.window,
    enableDraftSpec: true,
  })
  app.setErrorHandler((error, request, reply) =>
    refuse(request, reply, error.validation ? 422 : (error.statusCode ?? 500)),
  )
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) =>
    refuse(request, reply, 404),
  )
  app.get('/', async () => shared.index)
  app.post('/echo', { schema: { body } }, async (request) => request.body)
  await app.listen({ port: shared.port, host: shared.hostname })
}

void serve()
