export { type AuditDetails, type AuditEventName, auditEvents } from './events.ts'
export { type AuditActor, requestOrigin } from './origin.ts'
export { type AuditEntry, type AuditOrigin, type AuditTrail, auditTrail } from './trail.ts'
