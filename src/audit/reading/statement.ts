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
 * Reads one page by an index, whatever the filters and however the rows are spread. Each value of one
 * column, the axis, is read for itself up to the limit, and the first of all are taken: an `in` would
 * read and sort every row of all its values, and of a value that it sees PostgreSQL believes that its
 * rows lie evenly in time, and looks for them among everybody's.
 */
export function pageStatement({ selection, order, after, limit }: PageWanted): PageStatement {
  const values: unknown[] = []
  const value = (given: unknown, type: string) => `$${values.push(given)}::${type}`
  const { actorId, resourceId, requestId, subjectId, from, to } = selection
  const way = order === 'newest first' ? 'desc' : 'asc'
  const beyond = order === 'newest first' ? '<' : '>'
  const sorted = `order by created_at ${way}, id ${way} limit ${limit}`

  const conditions: string[] = []
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
  const axis = axisOf(selection)
  for (const column of ['client_id', 'event_type', 'resource_type'] as const) {
    const given = among[column]
    if (given === undefined || column === axis) continue
    const [only] = given
    // Of an `any` PostgreSQL does not know that its rows come in the order of the index.
    conditions.push(
      given.length === 1
        ? `${column} = ${value(only, types[column])}`
        : `${column} = any(${value(given, `${types[column]}[]`)})`,
    )
  }

  const page = (condition: string) =>
    `select ${columns} from audit_logs where ${[condition, ...conditions].join(' and ')} ${sorted}`
  if (axis !== undefined) {
    const each = `unnest(${value(among[axis], `${types[axis]}[]`)}) as axis (value)`
    const lateral = `cross join lateral (${page(`${axis} = axis.value`)}) as event`
    return { text: `select event.* from ${each} ${lateral} ${sorted}`, values }
  }
  const subject = value(subjectId, 'text')
  const did = page(`actor_id = ${subject}`)
  const underwent = page(
    `resource_type = 'user' and resource_id = ${subject} and actor_id is distinct from ${subject}`,
  )
  return { text: `select * from ((${did}) union all (${underwent})) as event ${sorted}`, values }
}

type Axis = 'client_id' | 'event_type' | 'resource_type'

const types: Readonly<Record<Axis, string>> = {
  client_id: 'uuid',
  event_type: 'text',
  resource_type: 'text',
}

/** What a column may be; undefined: anything. */
function amongOf(selection: AuditSelection): Readonly<Record<Axis, readonly string[] | undefined>> {
  const { clientId, eventTypes, resourceType, resourceId } = selection
  // The index on what an event is about begins with its type.
  const anyType = resourceId === undefined ? undefined : auditResourceTypes
  return {
    client_id: [clientId],
    event_type: eventTypes,
    resource_type: resourceType === undefined ? anyType : [resourceType],
  }
}

/**
 * Ids are the narrowest filters there are: of what answers to one, all else is looked through. Of a
 * subject two things are read, each by an index of its own.
 */
function axisOf(selection: AuditSelection): Axis | undefined {
  const { eventTypes, actorId, resourceId, requestId, subjectId } = selection
  if (subjectId !== undefined) return undefined
  if (actorId !== undefined || requestId !== undefined) return 'client_id'
  if (resourceId !== undefined) return 'resource_type'
  return eventTypes === undefined ? 'client_id' : 'event_type'
}
