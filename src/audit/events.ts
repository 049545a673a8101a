/**
 * The catalogue of events: what the trail can say. docs/audit-events.md is made of it
 * (`bun run docs:audit-events`). A type that nothing produces fails tests/audit/catalogue.test.ts.
 */
import { accessEvents } from './catalogue/access.ts'
import { dataEvents } from './catalogue/data.ts'
import { scanEvents } from './catalogue/scans.ts'
import { serviceEvents } from './catalogue/service.ts'

export {
  type AuditEventType,
  type AuditOutcome,
  type AuditResourceType,
  type AuditSeverity,
  auditResourceTypes,
} from './catalogue/event.ts'

/** The groups of the catalogue, as its docs show them. */
export const auditEventGroups = {
  access: accessEvents,
  data: dataEvents,
  scans: scanEvents,
  service: serviceEvents,
} as const

/** Every event that the trail knows. The type of `details` follows the name. */
export const auditEvents = {
  ...accessEvents,
  ...dataEvents,
  ...scanEvents,
  ...serviceEvents,
} as const

/** The name of an event. */
export type AuditEventName = keyof typeof auditEvents

/** What an event of that name tells beside the columns. */
export type AuditDetails<Name extends AuditEventName> =
  (typeof auditEvents)[Name]['details']['infer']
