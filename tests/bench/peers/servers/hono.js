/** Hono on Bun: secure-headers, request-id, hono-rate-limiter, hono-pino, OpenTelemetry. */
import { httpInstrumentationMiddleware } from '@hono/otel'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { getConnInfo } from 'hono/bun'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { pinoLogger } from 'hono-pino'
import { rateLimiter } from 'hono-rate-limiter'
import pino from 'pino'
import { z } from 'zod'
import shared from './shared.cjs'
import { startTracing } from './tracing.cjs'

startTracing()

const { problem, problemType } = shared
const body = z.strictObject({
  to: z.string().regex(shared.phone),
  note: z.string().max(shared.noteLength).optional(),
})
const refuse = (context, status, title) =>
  context.body(JSON.stringify(problem(status, title, context.get('requestId'))), status, {
    'content-type': problemType,
  })

const app = new Hono()
  .use(httpInstrumentationMiddleware())
  .use(requestId())
  .use(pinoLogger({ pino: pino(pino.destination({ dest: 1, sync: false })) }))
  .use(
    secureHeaders({
      contentSecurityPolicy: shared.policies,
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
      strictTransportSecurity: false,
      originAgentCluster: false,
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
      permissionsPolicy: Object.fromEntries(
        shared.permissionsPolicy
          .split(', ')
          .map((feature) => [feature.slice(0, feature.indexOf('=')), []]),
      ),
    }),
  )
  .use(
    rateLimiter({
      limit: shared.limit,
      windowMs: shared.window,
      standardHeaders: 'draft-7',
      keyGenerator: (context) => getConnInfo(context).remote.address ?? '',
      handler: (context) => refuse(context, 429, 'Too Many Requests'),
    }),
  )
  .get('/', (context) => context.json(shared.index))
  .post(
    '/echo',
    zValidator('json', body, (result, context) =>
      result.success ? undefined : refuse(context, 422, 'Unprocessable Content'),
    ),
    (context) => context.json(context.req.valid('json')),
  )
  .notFound((context) => refuse(context, 404, 'Not Found'))

Bun.serve({ port: shared.port, hostname: shared.hostname, fetch: app.fetch })
