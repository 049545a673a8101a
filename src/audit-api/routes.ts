import { type } from 'arktype'
import { Elysia } from 'elysia'
import {
  type AuditExportQuery,
  type AuditListQuery,
  type AuditReader,
  type AuditTrail,
  auditExportQuery,
  auditListQuery,
  auditPage,
  auditVerification,
  exportFormats,
  exportStream,
  recordRead,
  requestOrigin,
  selectionOf,
  type Verifications,
  verificationView,
} from '../audit/index.ts'
import type { Authentication, Principal } from '../auth/index.ts'
import { problems } from '../hooks/problem-details/index.ts'
import { currentRequest } from '../hooks/request-context/index.ts'
import { accepts, answers } from '../hooks/validation/index.ts'
import { places } from '../places.ts'

/** Options of {@linkcode auditRoutes}. */
export interface AuditRoutesOptions {
  readonly authentication: Authentication
  readonly service: AuditService
}

/** What the trail answers to those who may read it. */
export interface AuditService {
  readonly trail: AuditTrail
  readonly reader: AuditReader
  readonly verifications: Verifications
  /** The public keys that seals are checked by. */
  readonly sealKeys: ReadonlyMap<string, Uint8Array>
}

const tags = ['Audit']

const exported = {
  ...answers(type('string')),
  ...{ 'x-media-type': [exportFormats.ndjson.mediaType, exportFormats.csv.mediaType] },
}

/** `/api/audit`: reading the trail of one's own client, taking it out, having it checked. */
export function auditRoutes({ authentication, service }: AuditRoutesOptions) {
  const list = listWith(service)
  const take = exportWith(service)
  const verify = verifyWith(service)
  return new Elysia({ name: 'caly/audit', prefix: '/api/audit' })
    .use(authentication)
    .get('', ({ principal, query }) => list(principal, query), {
      scope: 'audit:read',
      query: accepts('query', auditListQuery),
      response: { 200: answers(auditPage), ...problems(401, 403, 422, 429, 503) },
      detail: {
        tags,
        operationId: 'listAuditEvents',
        summary: 'Read the audit trail, newest first',
        description:
          '`eventType` is a name, or the beginning of one and an asterisk: `LOGIN_*`. Pages stay what they are while others write.',
      },
    })
    .get('/export', ({ principal, query, request }) => take(principal, query, request), {
      scope: 'audit:export',
      query: accepts('query', auditExportQuery),
      response: { 200: exported, ...problems(401, 403, 422, 429, 503) },
      detail: {
        tags,
        operationId: 'exportAuditEvents',
        summary: 'Take the audit trail out, oldest first',
        description:
          'Streamed: lines of JSON, or a table as CSV. Has every event that was there when it began. In CSV a text that a spreadsheet would run begins with an apostrophe. A client has two exports at a time (503).',
      },
    })
    .get('/verify', ({ principal }) => verify(principal), {
      scope: 'audit:read',
      response: { 200: answers(auditVerification), ...problems(401, 403, 429, 503) },
      detail: {
        tags,
        operationId: 'verifyAuditTrail',
        summary: 'Is the audit trail as it was written?',
        description:
          'Checks all seals, or tells what a check of the last minute found. Where that takes longer than a request may (503), ask again: the check goes on. `platform` is for principals of the platform alone.',
      },
    })
}

const listWith =
  ({ reader, trail }: AuditService) =>
  async ({ clientId }: Principal, query: AuditListQuery) => {
    const page = await reader.list(clientId, query)
    await recordRead(trail, { of: 'audit_logs', count: page.items.length })
    return page
  }

function exportWith({ reader, trail }: AuditService) {
  // Each holds a page in memory, and is read as fast as it is taken.
  const own = places({ of: 'exports', most: 16, mostOfClient: 2 })
  return async (
    { clientId }: Principal,
    { format, ...filters }: AuditExportQuery,
    { method, signal }: Pick<Request, 'method' | 'signal'>,
  ) => {
    const { mediaType, extension } = exportFormats[format]
    const headers = {
      'content-type': mediaType,
      'content-disposition': `attachment; filename="audit.${extension}"`,
    }
    // Elysia would read all of it to tell its length.
    if (method === 'HEAD') return new Response(null, { headers })
    const leave = own.take(clientId)
    const stream = exportStream(format, reader.pages(selectionOf(clientId, filters)), {
      signal: currentRequest()?.signal ?? signal,
      onEnd: leave,
    })
    try {
      // Before the first byte: nothing leaves of which the trail does not know.
      await trail.record({
        event: 'DATA_EXPORTED',
        origin: requestOrigin(),
        details: { of: 'audit_logs', format, filters: Object.keys(filters) },
      })
    } catch (error) {
      await stream.cancel()
      throw error
    }
    return new Response(stream, { headers })
  }
}

const verifyWith =
  ({ verifications, trail, sealKeys }: AuditService) =>
  async ({ isPlatform }: Principal) => {
    const verified = await verifications.latest()
    const { intact, rows, findingCount } = verified.report
    await trail.record({
      event: 'AUDIT_VERIFIED',
      origin: requestOrigin(),
      details: { intact, rows, findings: findingCount },
    })
    return verificationView(verified, sealKeys, isPlatform)
  }
