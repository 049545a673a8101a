/** Bare Elysia's routes with one part of Caly around them: that of `HOOK`. */
import '../../../src/interpreted-schemas.ts'
import process from 'node:process'
import { type } from 'arktype'
import { type AnyElysia, Elysia, t } from 'elysia'
import { anomaly } from '../../../src/plugins/anomaly.ts'
import { bodyLimit } from '../../../src/plugins/body-limit.ts'
import { cors } from '../../../src/plugins/cors.ts'
import { problemDetails } from '../../../src/plugins/errors.ts'
import { overload } from '../../../src/plugins/overload.ts'
import { rateLimit } from '../../../src/plugins/rate-limit.ts'
import { requestContext, withPeer } from '../../../src/plugins/request-context.ts'
import { requestLog } from '../../../src/plugins/request-log.ts'
import { saneRequest } from '../../../src/plugins/sane-request.ts'
import { securityHeaders } from '../../../src/plugins/security-headers.ts'
import { telemetry } from '../../../src/plugins/telemetry.ts'
import { accepts, plainQuery } from '../../../src/plugins/validation.ts'
import { listen } from './listen.ts'

type Use = (app: AnyElysia) => AnyElysia

const hooks: Readonly<Record<string, Use>> = {
  'request-context': (app) => app.use(requestContext()),
  'security-headers': (app) => app.use(securityHeaders()),
  'sane-request': (app) => app.use(saneRequest()),
  cors: (app) => app.use(cors({ origins: [] })),
  overload: (app) => app.use(overload()),
  'body-limit': (app) => app.use(bodyLimit()),
  'rate-limit': (app) => app.use(rateLimit({ limit: 999_999_999 })),
  validation: (app) => app.use(plainQuery()),
  errors: (app) => app.use(problemDetails()),
  'request-log': (app) => app.use(requestLog()),
  anomaly: (app) => app.use(anomaly()),
  telemetry: (app) => app.use(telemetry({ sampleRatio: Number(process.env['SAMPLE_RATIO'] ?? 1) })),
}

const own = type({
  '+': 'reject',
  to: /^\+[1-9]\d{6,14}$/,
  'note?': 'string <= 200',
})
const elysias = t.Object(
  {
    to: t.String({ pattern: '^\\+[1-9]\\d{6,14}$' }),
    note: t.Optional(t.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
)

const hook = process.env['HOOK'] ?? ''
const use = hooks[hook]
if (use === undefined) throw new RangeError(`HOOK is one of ${Object.keys(hooks).join(', ')}`)
const app = use(new Elysia({ normalize: false }))
  .get('/', () => ({ name: 'Caly', version: '0.1.0', docs: '/docs' }))
  .post('/echo', ({ body }) => body, {
    body: hook === 'validation' ? accepts('body', own) : elysias,
  })
listen(app, withPeer)
