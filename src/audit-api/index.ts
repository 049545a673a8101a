/** The trail over HTTP. Apart from src/audit, which everybody records with: these routes want to know who asks. */
export { type AuditRoutesOptions, type AuditService, auditRoutes } from './routes.ts'
