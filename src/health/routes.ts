import { type AnyElysia, Elysia } from 'elysia'
import { problems } from '../hooks/problem-details/index.ts'
import { answers, documented } from '../hooks/validation/index.ts'
import type { HealthReport } from './checks.ts'
import { type Expose, expositionResponses } from './exposition.ts'
import {
  detailedAnswer,
  expositionAnswer,
  liveAnswer,
  metricsAnswer,
  readyAnswer,
} from './schemas.ts'

/** What the routes need. */
export interface HealthRoutesOptions {
  readonly check: () => Promise<HealthReport>
  /** Lets only operators through. */
  readonly operators: AnyElysia
  /** Numbers beside the checks, for operators. */
  readonly details: () => Omit<typeof detailedAnswer.infer, 'status' | 'checks'>
  /** Performance figures, for operators. */
  readonly performance: () => typeof metricsAnswer.infer
  /** The Prometheus exposition. */
  readonly exposition: Expose
}

/** draft-inadarei-api-health-check-06. */
const healthMediaType = 'application/health+json'

/** How these routes are documented; METRICS_TOKEN is a bearer too. */
const ofOperators = {
  tags: ['Health'],
  security: [{ bearerAuth: [] }, { apiKeyAuth: [] }],
  'x-scope': 'ops:read',
}

/** `/health/live` and `/health/ready`, for whoever starts, stops and balances processes. */
export const probeRoutes = (check: () => Promise<HealthReport>) =>
  new Elysia({ name: 'caly/health/probes' })
    .get('/health/live', (): typeof liveAnswer.infer => ({ status: 'pass' }), {
      detail: {
        tags: ['Health'],
        operationId: 'getLiveness',
        summary: 'Is the process alive? Touches nothing',
        ...documented({ 200: answers(liveAnswer) }),
      },
    })
    .get('/health/ready', async () => healthResponse(await check()), {
      response: { 200: answers(readyAnswer), 503: answers(readyAnswer) },
      detail: {
        tags: ['Health'],
        operationId: 'getReadiness',
        summary: 'Can the service take requests?',
      },
    })

/** `/health/*` and `/metrics`. */
export function healthRoutes(options: HealthRoutesOptions) {
  const { check, operators, details, performance } = options
  const answerScrape = expositionResponses(options.exposition)
  return new Elysia({ name: 'caly/health' }).use(probeRoutes(check)).use(
    new Elysia({ name: 'caly/health/operators' })
      .use(operators)
      .get(
        '/health/detailed',
        async () => {
          const report = await check()
          return healthResponse({ ...report, ...details() })
        },
        {
          response: {
            200: answers(detailedAnswer),
            503: { ...answers(detailedAnswer), ...{ 'x-or-problem': true } },
            ...problems(401, 403),
          },
          detail: {
            ...ofOperators,
            operationId: 'getHealth',
            summary: 'Every check with its numbers',
          },
        },
      )
      .get('/health/metrics', () => performance(), {
        response: { 200: answers(metricsAnswer), ...problems(401, 403, 503) },
        detail: {
          ...ofOperators,
          operationId: 'getFigures',
          summary: 'Performance figures as JSON',
        },
      })
      .get('/metrics', ({ request }) => answerScrape(request), {
        response: { 200: answers(expositionAnswer), ...problems(401, 403, 503) },
        detail: {
          ...ofOperators,
          operationId: 'getMetrics',
          summary: 'Metrics for Prometheus',
        },
      }),
  )
}

function healthResponse(report: HealthReport): Response {
  return Response.json(report, {
    status: report.status === 'fail' ? 503 : 200,
    headers: { 'content-type': healthMediaType, 'cache-control': 'no-store' },
  })
}
