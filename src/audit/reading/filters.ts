/** What a list of events is narrowed by, as a client says it and as the trail is asked. */
import { type } from 'arktype'
import { dateOrDateTime } from '../../hooks/validation/index.ts'
import { type AuditEventType, auditEvents, auditResourceTypes } from '../events.ts'

const types = Object.entries<Omit<AuditEventType<never>, 'details'>>(auditEvents)

/** An id, whoever made it up. */
const id = type(/^[!-~]{1,128}$/).describe('1 to 128 visible ASCII characters')

/** The name of an event, or the beginning of one. */
const eventType = type('string <= 64')
  .narrow((text) => eventsOf(text, {}).length > 0)
  .describe('the name of an event, or the beginning of one and an asterisk such as LOGIN_*')

/** Everything that narrows a list, as texts. Between them stands an "and". */
export const auditFilterFields = {
  'eventType?': eventType,
  'severity?': "'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'",
  'actorId?': id,
  'resourceType?': type.enumerated(...auditResourceTypes),
  'resourceId?': id,
  'requestId?': type(/^[A-Za-z0-9._-]{8,128}$/).describe('the id of a request'),
  'from?': dateOrDateTime,
  'to?': dateOrDateTime,
} as const

/** The same, as one schema. */
export const auditFilters = type(auditFilterFields)

/** What a client narrows a list by. */
export type AuditFilters = typeof auditFilters.infer

/** Which events are read. Whatever is absent does not narrow. */
export interface AuditSelection {
  /** Nobody reads another client's. */
  readonly clientId: string
  /** Of these types: a severity is its types', and so is what they are about. */
  readonly eventTypes?: readonly string[]
  readonly actorId?: string
  readonly resourceType?: string
  readonly resourceId?: string
  readonly requestId?: string
  /** Who did it, or whom it was done to: all that is about one person. */
  readonly subjectId?: string
  /** From this moment on. */
  readonly from?: Date
  /** Up to, and without, this moment. */
  readonly to?: Date
}

/** The selection that filters stand for, among what a client may read. */
export function selectionOf(clientId: string, filters: AuditFilters): AuditSelection {
  const { eventType, severity, from, to, ...equal } = filters
  const { resourceType } = equal
  const narrows = eventType !== undefined || severity !== undefined || resourceType !== undefined
  return {
    clientId,
    ...equal,
    ...(narrows && { eventTypes: eventsOf(eventType ?? '*', { severity, resourceType }) }),
    ...(from !== undefined && { from: new Date(from) }),
    ...(to !== undefined && { to: new Date(to) }),
  }
}

/** The types that a name or `BEGINNING_*` stands for, of one severity and about one kind of thing. */
function eventsOf(
  pattern: string,
  { severity, resourceType }: { severity?: string | undefined; resourceType?: string | undefined },
): string[] {
  const beginning = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined
  return types
    .filter(
      ([name, event]) =>
        (beginning === undefined ? name === pattern : name.startsWith(beginning)) &&
        (severity === undefined || event.severity === severity) &&
        (resourceType === undefined || event.resource === resourceType),
    )
    .map(([name]) => name)
}
