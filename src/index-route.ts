import { type } from 'arktype'
import { type AnyElysia, Elysia } from 'elysia'
import { problems } from './hooks/problem-details/index.ts'
import { answers, documented } from './hooks/validation/index.ts'

const indexAnswer = type({ name: "'Caly'", version: 'string', docs: 'string | null' })

/** What the index tells, and what its requests pass. */
export interface IndexRouteOptions {
  readonly guard: AnyElysia
  readonly version: string
  /** Whether `/docs` is served. */
  readonly docs: boolean
}

/** `GET /api`: what this is, for whoever has only the address. */
export function indexRoute({ guard, version, docs }: IndexRouteOptions) {
  const index: typeof indexAnswer.infer = { name: 'Caly', version, docs: docs ? '/docs' : null }
  return new Elysia({ name: 'caly/index' }).use(guard).get('/api', () => index, {
    detail: {
      tags: ['Service'],
      operationId: 'getService',
      summary: 'What this service is',
      ...documented({ 200: answers(indexAnswer), ...problems(429) }),
    },
  })
}
