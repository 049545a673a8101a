import type { AuditEvent } from './schemas.ts'
import type { AuditRecord } from './statement.ts'

/** A row as the API shows it: camelCase, ISO 8601 with milliseconds, null for absent. */
export const auditView = (row: AuditRecord): AuditEvent => ({
  id: row.id,
  createdAt: row.created_at.toISOString(),
  eventType: row.event_type,
  severity: row.severity,
  outcome: row.outcome,
  actorType: row.actor_type,
  actorId: row.actor_id,
  ip: row.ip,
  userAgent: row.user_agent,
  requestId: row.request_id,
  traceId: row.trace_id,
  method: row.method,
  path: row.path,
  statusCode: row.status_code,
  resourceType: row.resource_type,
  resourceId: row.resource_id,
  details: row.details,
})
