import '../../../src/interpreted-schemas.ts'
import process from 'node:process'
import { type } from 'arktype'
import { Elysia } from 'elysia'
import { caly } from '../../../src/plugins/index.ts'
import { accepts } from '../../../src/plugins/validation.ts'

const body = type({
  '+': 'reject',
  // The pattern that the peers have, not Caly's phoneNumber, which knows each country's numbers.
  to: /^\+[1-9]\d{6,14}$/,
  'note?': 'string <= 200',
})

/** All of Caly, by one `.use`, around the routes that bare Elysia and the peers have. */
export const app = new Elysia()
  .use(
    caly({
      // As the peers and the service: an API that takes JSON alone.
      body: { types: 'json' },
      rateLimit: { limit: Number(process.env['RATE_LIMIT']) },
      telemetry: { serviceName: 'peer', sampleRatio: Number(process.env['SAMPLE_RATIO'] ?? 1) },
    }),
  )
  .get('/', () => ({ name: 'Caly', version: '0.1.0', docs: '/docs' }))
  .post('/echo', ({ body }) => body, { body: accepts('body', body) })
