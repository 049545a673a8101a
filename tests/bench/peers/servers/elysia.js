/** Elysia with community plugins: helmet, rate limit, logger, and its own OpenTelemetry. */
import { createPinoLogger } from '@bogeychan/elysia-logger'
import { opentelemetry } from '@elysiajs/opentelemetry'
import { trace } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/sdk-trace-base'
import { Elysia, t } from 'elysia'
import { helmet } from 'elysia-helmet'
import { rateLimit } from 'elysia-rate-limit'
import pino from 'pino'
import shared from './shared.cjs'

const { problem, problemType } = shared
const refuse = (set, status, title) => {
  set.status = status
  set.headers['content-type'] = problemType
  return JSON.stringify(problem(status, title, set.headers['x-request-id']))
}

/** One span a request, as the others make: the plugin would make one for each stage and hook, too. */
const sampler = {
  shouldSample: (context) => ({
    decision: trace.getSpan(context)
      ? SamplingDecision.NOT_RECORD
      : SamplingDecision.RECORD_AND_SAMPLED,
  }),
  toString: () => 'requests alone',
}

// Unknown members are refused, not dropped.
new Elysia({ normalize: false })
  .use(opentelemetry({ serviceName: 'peer', sampler }))
  .onRequest(({ set }) => {
    set.headers['x-request-id'] = crypto.randomUUID()
    set.headers['permissions-policy'] = shared.permissionsPolicy
  })
  .use(
    createPinoLogger({ stream: pino.destination({ dest: 1, sync: false }) }).into({
      // An error has its line when it is answered, as everything has.
      autoLogging: { ignore: ({ isError }) => isError },
    }),
  )
  .use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: shared.policies },
      frameguard: { action: 'deny' },
      referrerPolicy: { policy: 'no-referrer' },
      hsts: false,
      crossOriginEmbedderPolicy: false,
      originAgentCluster: false,
      dnsPrefetchControl: false,
      ieNoOpen: false,
      permittedCrossDomainPolicies: false,
    }),
  )
  .use(
    rateLimit({
      max: shared.limit,
      duration: shared.window,
      scoping: 'global',
      // Requests that fail count, as with the others.
      countFailedRequest: true,
      // Nothing but a Response gets the limit's headers.
      errorResponse: new Response(JSON.stringify(problem(429, 'Too Many Requests')), {
        status: 429,
        headers: { 'content-type': problemType },
      }),
      generator: (request, server) => server?.requestIP(request)?.address ?? '',
    }),
  )
  .onError(({ code, set }) => {
    if (code === 'NOT_FOUND') return refuse(set, 404, 'Not Found')
    if (code === 'VALIDATION') return refuse(set, 422, 'Unprocessable Content')
    return refuse(set, 500, 'Internal Server Error')
  })
  .get('/', () => shared.index)
  .post('/echo', ({ body }) => body, {
    body: t.Object(
      {
        to: t.String({ pattern: shared.phone.source }),
        note: t.Optional(t.String({ maxLength: shared.noteLength })),
      },
      { additionalProperties: false },
    ),
  })
  .listen({ port: shared.port, hostname: shared.hostname })
