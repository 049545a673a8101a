/**
 * The columns that a verifier reads, in the order in which it reads them: the texts of the sealed form
 * stand together, in its order, and last the two that say where the next page begins.
 */
export const columns = [
  'created_at',
  'client_id',
  'personal_commitment',
  'event_type',
  'severity',
  'outcome',
  'actor_type',
  'request_id',
  'trace_id',
  'method',
  'path',
  'status_code::text',
  'resource_type',
  'resource_id',
  'details',
  'ip',
  'user_agent',
  'actor_id',
  'personal_salt',
  'mac',
  'erasure',
  'written_by',
  'id',
] as const

/** A column by its name in SQL. */
export type Column = (typeof columns)[number]

/** Where a column stands in {@linkcode columns}. */
export const columnIndex = Object.fromEntries(
  columns.map((name, index) => [name, index]),
) as Readonly<Record<Column, number>>
