import { auditResourceTypes } from '../events.ts'
import type { AuditSelection } from './filters.ts'

/** Where a page ended: the sort key of its last event. */
export interface Position {
  readonly id: string
  readonly createdAt: Date
}

/** One page of a selection. */
export interface PageWanted {
  readonly selection: AuditSelection
  readonly order: 'newest first' | 'oldest first'
  /** The events behind it. @default from the beginning */
  readonly after?: Position | undefined
  readonly limit: number
}

/** A statement for the pool, of which there is one text for each combination of filters. */
export interface PageStatement {
  readonly text: string
  readonly values: readonly unknown[]
}

const columns = [
  'id',
  'created_at',
  'event_type',
  'severity',
  'outcome',
  'actor_type',
  'actor_id',
  'ip',
  'user_agent',
  'request_id',
  'trace_id',
  'method',
  'path',
  'status_code',
  'resource_type',
  'resource_id',
  'details',
].join(', ')

/** A row as {@linkcode pageStatement} reads it. */
export interface AuditRecord {
  readonly id: string
  readonly created_at: Date
  readonly event_type: string
  readonly severity: string
  readonly outcome: string
  readonly actor_type: string
  readonly actor_id: string | null
  readonly ip: string | null
  readonly user_agent: string | null
  readonly request_id: string | null
  readonly trace_id: string | null
  readonly method: string | null
  readonly path: string | null
  readonly status_code: number | null
  readonly resource_type: string | null
  readonly resource_id: string | null
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * Reads one page by an index, whatever the filters. Where a filter stands for several values (types of
 * one beginning, severity or kind of thing; a thing of any kind), each value is read for itself up to
 * the limit, and the first of all are taken: an `in` would read and sort every row of all its values.
 */
export function pageStatement({ selection, order, after, limit }: PageWanted): PageStatement {
  const values: unknown[] = []
  const value = (given: unknown, type: string) => `$${values.push(given)}::${type}`
  const { clientId, actorId, requestId, resourceId, subjectId, from, to } = selection
  const [way, beyond] =
    order === 'newest first' ? (['desc', '<'] as const) : (['asc', '>'] as const)
  const axis = axisOf(selection)
  // No time is null. But with this PostgreSQL reads each type by the one index of that very order: it
  // would else go through everybody's newest rows for a type of which there may be none.
  const nulls = axis !== 'event_type' ? '' : way === 'desc' ? 'nulls last' : 'nulls first'
  const sorted = `order by created_at ${way} ${nulls}, id ${way} limit ${limit}`

  const client = `client_id = ${value(clientId, 'uuid')}`
  // Actors and clients depend on each other, which PostgreSQL does not know: told both, it expects so
  // few rows that it would rather sort all of them. Of this form it does not see what it says.
  const conditions = [(actorId ?? subjectId) ? `coalesce(${client}, false)` : client]
  if (actorId !== undefined) conditions.push(`actor_id = ${value(actorId, 'text')}`)
  if (requestId !== undefined) conditions.push(`request_id = ${value(requestId, 'text')}`)
  if (resourceId !== undefined) conditions.push(`resource_id = ${value(resourceId, 'text')}`)
  if (from !== undefined) conditions.push(`created_at >= ${value(from, 'timestamptz')}`)
  if (to !== undefined) conditions.push(`created_at < ${value(to, 'timestamptz')}`)
  if (after !== undefined) {
    const at = value(after.createdAt, 'timestamptz')
    // By the first alone months are left out; PostgreSQL does not do it for a pair.
    conditions.push(
      `created_at ${beyond}= ${at}`,
      `(created_at, id) ${beyond} (${at}, ${value(after.id, 'uuid')})`,
    )
  }
  const among = amongOf(selection)
  for (const column of ['event_type', 'resource_type'] as const)
    if (among[column] !== undefined && column !== axis)
      conditions.push(`${column} = any(${value(among[column], 'text[]')})`)

  const page = (...more: readonly string[]) =>
    `select ${columns} from audit_logs where ${[...conditions, ...more].join(' and ')} ${sorted}`
  if (subjectId !== undefined) {
    const subject = value(subjectId, 'text')
    const did = page(`actor_id = ${subject}`)
    const underwent = page(
      `resource_type = 'user' and resource_id = ${subject} and actor_id is distinct from ${subject}`,
    )
    return { text: `select * from ((${did}) union all (${underwent})) as event ${sorted}`, values }
  }
  if (axis === undefined) return { text: page(), values }
  const each = `unnest(${value(among[axis], 'text[]')}) as axis (value)`
  const lateral = `cross join lateral (${page(`${axis} = axis.value`)}) as event`
  return { text: `select event.* from ${each} ${lateral} ${sorted}`, values }
}

type Axis = 'event_type' | 'resource_type'

/** What a column may be; undefined: anything. */
function amongOf(selection: AuditSelection): Readonly<Record<Axis, readonly string[] | undefined>> {
  const { eventTypes, resourceType, resourceId } = selection
  // The index on what an event is about begins with its type.
  const anyType = resourceId === undefined ? undefined : auditResourceTypes
  return {
    event_type: eventTypes,
    resource_type: resourceType === undefined ? anyType : [resourceType],
  }
}

/**
 * The column each of whose values is read for itself. None where an id is given that few rows have: of
 * these all else is looked through. Of a subject two things are read, each by an index of its own.
 */
function axisOf(selection: AuditSelection): Axis | undefined {
  const { eventTypes, actorId, resourceId, requestId, subjectId } = selection
  if (actorId !== undefined || requestId !== undefined || subjectId !== undefined) return undefined
  if (resourceId !== undefined) return 'resource_type'
  return eventTypes && 'event_type'
}
