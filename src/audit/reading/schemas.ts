/** What the routes of the trail take and give. */
import { type } from 'arktype'
import { listQuery } from '../../hooks/validation/index.ts'
import { auditFilterFields, auditFilters } from './filters.ts'

/** Query of the list. Numbers arrive as text. */
export const auditListQuery = type({ '...': listQuery, '+': 'reject', ...auditFilterFields })

/** Query of an export. */
export const auditExportQuery = type({
  '...': auditFilters,
  '+': 'reject',
  format: "'ndjson' | 'csv' = 'ndjson'",
})

/** A time in an answer. */
const time = type('string').configure({ format: 'date-time' }, 'self')

const example = {
  id: '01931f6e-5d8a-7b1e-8c22-93f04d6ab711',
  createdAt: '2026-01-31T09:30:00.000Z',
  eventType: 'USER_CREATED',
  severity: 'INFO',
  outcome: 'success',
  actorType: 'user',
  actorId: '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00',
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0',
  requestId: '01931f6e-5d80-7000-8000-000000000000',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  method: 'POST',
  path: '/api/users',
  statusCode: null,
  resourceType: 'user',
  resourceId: '01931f6e-5d85-7a44-b1c0-3f1f2a9f5d02',
  details: { role: 'operator' },
}

/** An event of the trail. */
export const auditEvent = type({
  id: 'string.uuid',
  createdAt: time,
  eventType: 'string',
  severity: 'string',
  outcome: 'string',
  actorType: 'string',
  actorId: 'string | null',
  ip: 'string | null',
  userAgent: 'string | null',
  requestId: 'string | null',
  traceId: 'string | null',
  method: 'string | null',
  path: 'string | null',
  statusCode: 'number | null',
  resourceType: 'string | null',
  resourceId: 'string | null',
  details: type({ '[string]': 'unknown' }),
}).configure({ title: 'AuditEvent', examples: [example] }, 'self')

/** One page of the trail, newest first. */
export const auditPage = type({
  items: auditEvent.array(),
  nextCursor: 'string | null',
}).configure({ title: 'AuditPage' }, 'self')

const exampleCheck = {
  intact: true,
  checkedAt: '2026-01-31T09:30:00.000Z',
  head: {
    position: 4711,
    hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    keyId: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    createdAt: '2026-01-31T09:29:58.000Z',
  },
  keys: [
    {
      keyId: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      publicKey: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
  ],
  platform: null,
}

/** Whether the trail is as it was written. The hash is hexadecimal, keys are base64url (Ed25519). */
export const auditVerification = type({
  intact: 'boolean',
  checkedAt: time,
  head: type({ position: 'number', hash: 'string', keyId: 'string', createdAt: time }).or('null'),
  keys: type({ keyId: 'string', publicKey: 'string' }).array(),
  platform: type({
    rows: 'number',
    unsealed: 'number',
    erased: 'number',
    seals: 'number',
    droppedMonths: 'string[]',
    findingCount: 'number',
    findings: type({
      kind: 'string',
      text: 'string',
      rowId: 'string | null',
      position: 'number | null',
    }).array(),
  }).or('null'),
}).configure({ title: 'AuditVerification', examples: [exampleCheck] }, 'self')

export type AuditEvent = typeof auditEvent.infer
export type AuditPage = typeof auditPage.infer
export type AuditListQuery = typeof auditListQuery.infer
export type AuditExportQuery = typeof auditExportQuery.infer
export type AuditVerification = typeof auditVerification.infer
