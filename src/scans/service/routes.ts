import { Elysia } from 'elysia'
import type { Authentication } from '../../auth/index.ts'
import { problems } from '../../hooks/problem-details/index.ts'
import { accepts, answers, optional } from '../../hooks/validation/index.ts'
import {
  scan,
  scanListQuery,
  scanPage,
  scanParams,
  scanStart,
  vulnerabilityListQuery,
  vulnerabilityPage,
} from './schemas.ts'
import type { ScanService } from './service.ts'

/** Options of {@linkcode scanRoutes}. */
export interface ScanRoutesOptions {
  readonly authentication: Authentication
  readonly service: ScanService
}

const tags = ['Vulnerabilities']

/** `/api/scans` and `/api/vulnerabilities`: what the service's own dependencies are known for. */
export function scanRoutes({ authentication, service }: ScanRoutesOptions) {
  return new Elysia({ name: 'caly/scans', prefix: '/api' })
    .use(authentication)
    .get('/scans', ({ principal, query }) => service.list(principal.clientId, query), {
      scope: 'scans:read',
      query: accepts('query', scanListQuery),
      response: { 200: answers(scanPage), ...problems(401, 403, 422, 429, 503) },
      detail: { tags, operationId: 'listScans', summary: 'List scans, newest first' },
    })
    .post(
      '/scans',
      async ({ principal, set }) => {
        const started = await service.start(principal.clientId)
        set.headers['location'] = `/api/scans/${started.id}`
        set.status = 202
        return started
      },
      {
        scope: 'scans:run',
        body: optional(accepts('body', scanStart)),
        response: { 202: answers(scan), ...problems(400, 401, 403, 415, 422, 429, 503) },
        detail: {
          tags,
          operationId: 'startScan',
          summary: "Scan the service's own dependencies",
          description:
            'Answers at once; ask for the scan until its status is no longer `running`. While one runs it is that one: no second one is begun.',
        },
      },
    )
    .get('/scans/:id', ({ principal, params }) => service.get(principal.clientId, params.id), {
      scope: 'scans:read',
      params: accepts('params', scanParams),
      response: { 200: answers(scan), ...problems(401, 403, 404, 429, 503) },
      detail: {
        tags,
        operationId: 'getScan',
        summary: 'A scan',
        description:
          '`incomplete`: something could not be asked about, and nothing was taken as fixed. `failed`: nothing can be said, and what was known before stands. `error` says why. `counts` are the open vulnerabilities once it was over.',
      },
    })
    .get(
      '/vulnerabilities',
      ({ principal, query }) => service.vulnerabilities(principal.clientId, query),
      {
        scope: 'scans:read',
        query: accepts('query', vulnerabilityListQuery),
        response: { 200: answers(vulnerabilityPage), ...problems(401, 403, 422, 429, 503) },
        detail: {
          tags,
          operationId: 'listVulnerabilities',
          summary: 'List vulnerabilities, the worst first',
          description:
            '`status` is `open` unless it is `fixed`, `ignored` (by the ignore list: these do not count) or `all`, in which the open ones come first.',
        },
      },
    )
}
